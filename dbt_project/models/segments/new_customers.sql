-- Grain: profile_id, as_of. People whose first order lies within the days that end with the day (variable
-- new_customer_days, 30).
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where first_order_on > {{ days_before(var('new_customer_days')) }}
