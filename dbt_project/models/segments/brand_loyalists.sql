-- Grain: profile_id, as_of.
-- People who buy regularly and spend nine tenths or more on one brand.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and favourite_brand_sales_share_365d >= 0.9
