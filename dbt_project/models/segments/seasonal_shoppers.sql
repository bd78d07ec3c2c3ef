-- Grain: profile_id, as_of.
-- People with five orders or more in a year, and the first ever 300 days ago or earlier, whose share of sales
-- before holidays is half as large again as everybody's or larger, or before Christmas three times as large.
-- Whoever bought evenly for 300 of 365 days has an index of 365 / 300 = 1.2 at most; of a newer customer
-- nobody knows.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and days_since_first_order >= 300
    and (holiday_seasonal_index_365d >= 1.5 or christmas_seasonal_index_365d >= 3)
