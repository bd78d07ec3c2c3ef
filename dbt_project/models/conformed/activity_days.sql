-- Grain: activity_on. The days on which anybody was active, each with a fingerprint of its facts, so that the
-- roll-ups know which days and years are no longer as they were: no clock tells, a late fact counts as a new
-- one does. The fingerprints are others as well once the roll-up is defined otherwise.
-- Leaves out the facts themselves.
{% set roll_ups = ['activity_facts', 'daily_activity', 'yearly_activity'] -%}
with activity_facts as (

    select * from {{ ref('activity_facts') }}

),

fact_hashes as (

    select
        activity_on,
        {{ row_hash(
            'activity_facts', definition_of(roll_ups), texts=['record_id', 'activity_type', 'product_id']
        ) }} as fact_hash
    from activity_facts

),

fingerprinted_days as (

    select
        activity_on,
        cast(extract(year from activity_on) as integer) as activity_year,
        count(*) as fact_count,
        -- A sum, not an exclusive or: two equal facts are not none.
        {{ hash_number(['count(*)', 'sum(fact_hash)']) }} as day_fingerprint
    from fact_hashes
    group by activity_on

),

fingerprinted_years as (

    select
        activity_year,
        {{ hash_number(['count(*)', 'sum(' ~ hash_number(['activity_on', 'day_fingerprint']) ~ ')']) }}
            as year_fingerprint
    from fingerprinted_days
    group by activity_year

)

select
    fingerprinted_days.activity_on,
    fingerprinted_days.fact_count,
    fingerprinted_days.day_fingerprint,
    fingerprinted_days.activity_year,
    fingerprinted_years.year_fingerprint
from fingerprinted_days
inner join fingerprinted_years on fingerprinted_days.activity_year = fingerprinted_years.activity_year
