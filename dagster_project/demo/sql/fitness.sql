-- fitness/workouts: athletes (five or more a week), regulars, casual runners (up to two), and beginners.

create table fitness_users as
with users as (
    select
        person_number,
        roll('works out', person_number) as draw
    from memberships
    where roll('works out', person_number) < 0.24
)

select
    person_number as record_number,
    'F' || opaque(person_number, 374761393) as record_id,
    person_number,
    moment(
        last_day() - if(
            roll('beginner', person_number) < 0.35,
            pick('began', person_number, 340),
            380 + pick('began', person_number, 1500)
        )::integer,
        0
    ) as written_at,
    case
        when draw < 0.06 then 6 + pick('workouts a week', person_number, 2)
        when draw < 0.11 then 3 + pick('workouts a week', person_number, 2)
        else 1 + pick('workouts a week', person_number, 2)
    end as workouts_per_week,
    if(draw < 0.06, 0.03, 0.15) as skipped_share,
    choose('favourite sport', person_number, ['run', 'run', 'ride', 'gym', 'walk']) as favourite
from users;

create view fitness_contacts as
from written_contacts('fitness__users', 'fitness_users', 0.15, 1.0, 0.0);

create view landing.fitness__workouts as
with trained_weeks as (
    select
        *,
        unnest(range(
            greatest(0, (first_day() - written_at::date) // 7), (last_day() - written_at::date) // 7 + 1
        )) as week_number,
        workouts_per_week as slot_count
    from fitness_users
    union all
    -- Of the time before the first day one workout a month is told, when the system connects.
    select
        *,
        unnest(range(0, greatest(0, (first_day() - written_at::date) // 7), 4)) as week_number,
        1 as slot_count
    from fitness_users
),

slots as (
    select
        *,
        unnest(range(slot_count)) as slot
    from trained_weeks
),

workouts as (
    select
        person_number,
        skipped_share,
        week_number * 8 + slot as workout_number,
        hash(person_number, week_number * 8 + slot) as chance_key,
        written_at::date + (week_number * 7 + slot * 7 // workouts_per_week)::integer as trained_on
    from slots
),

-- Sorted while there is little to a row; the joins below keep the order.
done_workouts as (
    select
        person_number,
        workout_number,
        chance_key,
        trained_on
    from workouts
    where
        trained_on <= last_day()
        and (workout_number = 0 or roll('skips', chance_key) >= skipped_share)
    order by greatest(trained_on, first_day()), person_number, workout_number
),

users as (
    select
        fitness_users.person_number,
        fitness_users.record_id as user_id,
        fitness_users.favourite,
        fitness_contacts.email
    from fitness_users
    inner join fitness_contacts using (record_id)
),

described as (
    select
        done_workouts.*,
        users.* exclude (person_number),
        moment(trained_on, second_between('workout', chance_key, 5, 21)) as started_at,
        if(roll('sport', chance_key) < 0.7, favourite, choose('other sport', chance_key, ['run', 'ride', 'gym', 'walk']))
            as activity,
        20 + pick('minutes', chance_key, 70) as duration_minutes,
        roll('pace', chance_key) as pace,
        -- Beside the row itself, now and then an extra one that no quality gate should let through:
        -- 1 without an id, 2 years ahead.
        unnest(if(roll('faulty', chance_key) < 0.001, [0, 1 + pick('fault', chance_key, 2)], [0])) as fault
    from done_workouts
    inner join users using (person_number)
)

select
    landing_day(started_at) as landed_on,
    case fault
        when 0 then 'W' || to_hex(chance_key)
        when 2 then 'W' || to_hex(chance_key) || '-f'
    end as workout_id,
    user_id,
    email,
    activity,
    duration_minutes,
    case activity
        when 'run' then round(duration_minutes * (0.13 + 0.07 * pace), 2)
        when 'ride' then round(duration_minutes * (0.3 + 0.2 * pace), 2)
        when 'walk' then round(duration_minutes * 0.08, 2)
    end as distance_km,
    if(fault = 2, started_at + to_years(20), started_at) as started_at
from described;
