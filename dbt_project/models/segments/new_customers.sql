-- Grain: profile_id, as_of. People whose first order lies within the 30 days that end with the day.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where first_order_on > {{ days_before(30) }}
