-- Grain: profile_id, as_of.
-- People with five orders or more in a year who saved a quarter of the price or more by discounts.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where order_count_365d >= 5 and discount_share_365d >= 0.25
