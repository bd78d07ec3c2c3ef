-- Grain: record_number. The records that this run resolves: the changed ones, whoever shares a value with one
-- of them or did so before, or is linked to one by people, and all who were in a neighbourhood of any of
-- these. What is said of the others stays, since nothing of theirs has changed. Empty once a run has come
-- to its end.
-- Leaves out whoever shares only values that too many records share, before and now: these link nobody.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

changed_records as (

    select * from {{ ref('changed_records') }}

),

phone_numbers as (

    select * from {{ ref('phone_numbers') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

overrides as (

    select
        {{ record_number('record_id_a') }} as record_number_a,
        {{ record_number('record_id_b') }} as record_number_b
    from {{ ref('identity_overrides') }}
    where decision = 'link'

),

sizes as (

    select
        (select count(fingerprint) from changed_records) as changed_count,
        -- Read once more, as the identifiers below: the engine holds a CTE that is read twice as a whole.
        (select count(*) from {{ ref('customer_records') }}) as record_count

),

-- Where all have changed, nobody has to be looked for.
records_to_follow as (

    select changed_records.record_number
    from changed_records
    cross join sizes
    where sizes.changed_count < sizes.record_count

),

records_to_compare as (

    select * from customer_records
    where
        record_number in (
            select records_to_follow.record_number from records_to_follow
            where {{ every_key('records_to_follow.record_number') }}
        )
    {{ evaluated_first() }}

),

stated_identifiers as (

    {{ stated_identifiers('records_to_compare', 'phone_numbers') }}

),

stated_values as (

    select
        kind,
        {{ hash_number(['kind', 'value']) }} as value_number
    from stated_identifiers
    where value is not null

),

previous_values as (

    select
        kind,
        value_number
    from {{ held_identifiers() }}
    where
        value_number is not null
        and record_number in (
            select records_to_follow.record_number from records_to_follow
            where {{ every_key('records_to_follow.record_number') }}
        )

),

touched_values as (

    select kind, value_number from stated_values
    union
    select kind, value_number from previous_values

),

records_behind_values as (

    select
        value_number,
        record_number
    from {{ held_identifiers() }}
    where
        value_number in (
            select touched_values.value_number from touched_values
            where {{ every_key('touched_values.value_number') }}
        )

),

counts_before as (

    select
        value_number,
        count(*) as record_count
    from records_behind_values
    group by value_number

),

counts_of_changes as (

    select
        value_number,
        sum(change) as change
    from (
        select value_number, 1 as change from stated_values
        union all
        select value_number, -1 as change from previous_values
    ) as changes
    group by value_number

),

linking_values as (

    select touched_values.value_number
    from touched_values
    inner join rules on touched_values.kind = rules.kind
    left join counts_before on touched_values.value_number = counts_before.value_number
    left join counts_of_changes on touched_values.value_number = counts_of_changes.value_number
    where
        coalesce(counts_before.record_count, 0) + least(coalesce(counts_of_changes.change, 0), 0)
        <= rules.max_records_per_value

),

reached_records as (

    select record_number from changed_records
    union
    select records_behind_values.record_number
    from records_behind_values
    inner join linking_values on records_behind_values.value_number = linking_values.value_number
    union
    select overrides.record_number_a as record_number
    from overrides
    inner join changed_records on overrides.record_number_b = changed_records.record_number
    union
    select overrides.record_number_b as record_number
    from overrides
    inner join changed_records on overrides.record_number_a = changed_records.record_number

)

select record_number from reached_records
union
-- What a run left that stopped halfway, also where this model alone is made again.
select record_number from {{ held_unresolved_records() }}
union
{{ neighbours_of('reached_records') }}
