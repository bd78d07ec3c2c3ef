-- Grain: workout_id. From raw.fitness__workouts, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('fitness', 'workouts') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('workout_id') }} is not null
    qualify {{ newest_rows([clean_text('workout_id')]) }}

)

select
    {{ clean_text('workout_id') }} as workout_id,
    {{ clean_text('user_id') }} as user_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('activity') }} as activity,
    cast(duration_minutes as bigint) as duration_minutes,
    cast(distance_km as double) as distance_km,
    cast(started_at as timestamp) as started_at
from newest_rows
