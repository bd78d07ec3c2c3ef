-- Grain: profile_id, as_of.
-- People with five orders or more in a year, hardly one (2 % at most) without a discount.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and discounted_order_share_365d >= 0.98
