-- Grain: profile_id, as_of.
-- People whose birthday is within the next 14 days.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where days_until_birthday <= 14
