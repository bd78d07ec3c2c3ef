-- Grain: profile_id, as_of.
-- People who buy regularly, and before holidays half as much again as everybody does.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and holiday_seasonal_index_365d >= 1.5
