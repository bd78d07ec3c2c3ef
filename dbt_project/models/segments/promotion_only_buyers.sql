-- Grain: profile_id, as_of.
-- People who buy regularly, and hardly ever without a discount.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and discounted_order_share_365d >= 0.98
