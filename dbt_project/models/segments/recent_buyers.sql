-- Grain: profile_id, as_of.
-- People who ordered in the seven days that end with the day: an exclusion list.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where last_order_on > {{ days_before(7) }}
