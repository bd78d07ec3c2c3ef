-- Grain: profile_id, as_of.
-- Everybody who had been seen by the day: what every other segment is compared with.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
