-- Grain: profile_id, as_of. People who train at least five times a week, over the last four weeks.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where workouts_per_week >= 5
