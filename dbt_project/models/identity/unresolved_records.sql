-- Grain: record_id. The records that this run resolves: the changed ones, whoever shares a value with one
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

    select * from {{ ref('identity_overrides') }}
    where decision = 'link'

),

held_identifiers as (

    select record_id, kind, value from {{ held_identifiers() }}

),

sizes as (

    select
        (select count(fingerprint) from changed_records) as changed_count,
        (select count(*) from customer_records) as record_count

),

-- Where all have changed, nobody has to be looked for.
records_to_follow as (

    select changed_records.record_id
    from changed_records
    cross join sizes
    where sizes.changed_count < sizes.record_count

),

records_to_compare as (

    select * from customer_records
    where record_id in (select records_to_follow.record_id from records_to_follow)

),

stated_identifiers as (

    {{ stated_identifiers('records_to_compare', 'phone_numbers') }}

),

previous_identifiers as (

    select
        held_identifiers.record_id,
        held_identifiers.kind,
        held_identifiers.value
    from held_identifiers
    inner join records_to_follow on held_identifiers.record_id = records_to_follow.record_id

),

touched_values as (

    select
        kind,
        value
    from stated_identifiers
    where value is not null
    union
    select
        kind,
        value
    from previous_identifiers
    where value is not null

),

records_behind_values as (

    select
        touched_values.kind,
        touched_values.value,
        held_identifiers.record_id
    from held_identifiers
    inner join touched_values
        on
            held_identifiers.kind = touched_values.kind
            and held_identifiers.value = touched_values.value

),

counts_before as (

    select
        kind,
        value,
        count(*) as record_count
    from records_behind_values
    group by kind, value

),

counts_of_changes as (

    select
        kind,
        value,
        sum(change) as change
    from (
        select kind, value, 1 as change from stated_identifiers
        union all
        select kind, value, -1 as change from previous_identifiers
    ) as changes
    group by kind, value

),

linking_values as (

    select
        touched_values.kind,
        touched_values.value
    from touched_values
    inner join rules on touched_values.kind = rules.kind
    left join counts_before
        on
            touched_values.kind = counts_before.kind
            and touched_values.value = counts_before.value
    left join counts_of_changes
        on
            touched_values.kind = counts_of_changes.kind
            and touched_values.value = counts_of_changes.value
    where
        coalesce(counts_before.record_count, 0) + least(coalesce(counts_of_changes.change, 0), 0)
        <= rules.max_records_per_value

),

reached_records as (

    select record_id from changed_records
    union
    select records_behind_values.record_id
    from records_behind_values
    inner join linking_values
        on
            records_behind_values.kind = linking_values.kind
            and records_behind_values.value = linking_values.value
    union
    select overrides.record_id_a as record_id
    from overrides
    inner join changed_records on overrides.record_id_b = changed_records.record_id
    union
    select overrides.record_id_b as record_id
    from overrides
    inner join changed_records on overrides.record_id_a = changed_records.record_id

)

select record_id from reached_records
union
-- What a run left that stopped halfway, also where this model alone is made again.
select record_id from {{ held_unresolved_records() }}
union
{{ neighbours_of('reached_records') }}
