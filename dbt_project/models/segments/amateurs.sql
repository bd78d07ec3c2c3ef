-- Grain: profile_id, as_of. People whose first workout lies within the 12 months that end with the day.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where first_workout_on > cast({{ dbt.dateadd('month', -12, 'as_of') }} as date)
