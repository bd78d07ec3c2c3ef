-- Grain: profile_id, as_of.
-- People who buy about weekly: on 26 days or more of a year, seven apart or less by the median.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    median_days_between_orders_365d <= 7
    and order_day_count_365d >= 26
