-- Grain: profile_id, as_of.
-- People who buy regularly and, in the categories that they buy, spend four fifths or more on one brand each.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and brand_loyalty_365d >= 0.8
