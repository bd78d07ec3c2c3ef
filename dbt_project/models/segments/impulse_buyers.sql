-- Grain: profile_id, as_of.
-- People with five orders or more in a year, a quarter of them or more on impulse: small, promoted, unplanned
-- baskets.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and impulse_order_share_365d >= 0.25
