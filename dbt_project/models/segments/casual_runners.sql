-- Grain: profile_id, as_of. People who trained in the last four weeks, twice a week at most.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where workouts_per_week > 0 and workouts_per_week <= 2
