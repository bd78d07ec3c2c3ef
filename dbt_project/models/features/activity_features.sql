-- Grain: profile_id, as_of. How a person trains: workouts up to the end of the day.
-- Leaves out kinds of workouts: a workout is a workout. Workouts a week are those of four weeks / 4.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

described_profiles as (

    {{ described_profiles() }}

),

workouts as (

    {{ activity_ever(['workout'], days=90) }}

),

workout_totals as (

    select
        described_profiles.profile_id,
        min(cast(workouts.first_at as date)) as first_workout_on,
        max(cast(workouts.last_at as date)) as last_workout_on,
        sum(workouts.activity_count) as workout_count,
        {{ sum_within(28, 'workouts.activity_count') }} as workout_count_28d,
        {{ sum_within(90, 'workouts.activity_count') }} as workout_count_90d,
        {{ sum_within(28, 'workouts.duration_seconds') }} as workout_seconds_28d
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join workouts on identity_map.record_number = workouts.record_number
    group by described_profiles.profile_id

)

select
    described_profiles.profile_id,
    workout_totals.first_workout_on,
    workout_totals.last_workout_on,
    cast(coalesce(workout_totals.workout_count, 0) as bigint) as workout_count,
    cast(coalesce(workout_totals.workout_count_28d, 0) as bigint) as workout_count_28d,
    cast(coalesce(workout_totals.workout_count_90d, 0) as bigint) as workout_count_90d,
    cast(coalesce(workout_totals.workout_seconds_28d, 0) / 60 as bigint) as workout_minutes_28d,
    {{ share_of('workout_totals.workout_seconds_28d', 'workout_totals.workout_count_28d') }} / 60
        as average_workout_minutes_28d,
    cast(coalesce(workout_totals.workout_count_28d, 0) as bigint) / cast(4 as double) as workouts_per_week,
    described_profiles.as_of
from described_profiles
left join workout_totals on described_profiles.profile_id = workout_totals.profile_id
