-- Grain: profile_id, as_of.
-- People who buy about weekly: at most seven days between most of their orders, and 26 or more of them in a
-- year.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    median_days_between_orders_365d <= 7
    and order_count_365d >= 26
