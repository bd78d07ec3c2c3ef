-- Grain: profile_id, as_of. How a person trains: workouts up to the end of the day.
-- Leaves out kinds of workouts: a workout is a workout. Workouts a week are those of four weeks / 4.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

described_profiles as (

    {{ described_profiles() }}

),

workout_totals as (

    select
        described_profiles.profile_id,
        min(interactions.occurred_on) as first_workout_on,
        max(interactions.occurred_on) as last_workout_on,
        count(*) as workout_count,
        count(case when interactions.occurred_on > {{ days_before(28) }} then 1 end) as workout_count_28d,
        sum(
            case when interactions.occurred_on > {{ days_before(28) }} then interactions.quantity else 0 end
        ) as workout_minutes_28d
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join interactions on identity_map.record_id = interactions.record_id
    where interactions.interaction_type = 'workout' and interactions.occurred_on <= {{ as_of_date() }}
    group by described_profiles.profile_id

)

select
    described_profiles.profile_id,
    workout_totals.first_workout_on,
    workout_totals.last_workout_on,
    coalesce(workout_totals.workout_count, 0) as workout_count,
    coalesce(workout_totals.workout_count_28d, 0) as workout_count_28d,
    cast(coalesce(workout_totals.workout_minutes_28d, 0) as bigint) as workout_minutes_28d,
    coalesce(workout_totals.workout_count_28d, 0) / cast(4 as double) as workouts_per_week,
    described_profiles.as_of
from described_profiles
left join workout_totals on described_profiles.profile_id = workout_totals.profile_id
