-- Grain: profile_id, as_of.
-- People with five orders or more in a year who spent four fifths or more of what they spent in the
-- categories with several brands that they buy again on the first brand of each.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and brand_loyalty_365d >= 0.8
