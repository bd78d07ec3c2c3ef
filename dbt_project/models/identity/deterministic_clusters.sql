-- Grain: record_id. The cluster of records that are one person by what they share, named by its smallest
-- record: the component, or the parts that a component in conflict was cut into. Cutting is building anew:
-- the strongest links join first, and a link that would break a limit joins nothing (the constrained form
-- of Kruskal's algorithm, in Boruvka's rounds: in each, clusters join that are each other's strongest).
-- Leaves out who is probably the same though nothing is shared: identity.identity_clusters adds that.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
with customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

conflicts as (

    select distinct component_number from {{ ref('identity_conflicts') }}

),

records_of_components as (

    select
        customer_records.record_id,
        customer_records.record_number,
        identity_components.component_number
    from customer_records
    inner join identity_components on customer_records.record_number = identity_components.record_number

),

records_in_conflict as (

    select
        records_of_components.record_id,
        records_of_components.record_number
    from records_of_components
    inner join conflicts on records_of_components.component_number = conflicts.component_number

),

identifiers as (

    select * from {{ ref('identifiers') }}
    where
        is_usable
        and record_number in (
            select records_in_conflict.record_number from records_in_conflict
            where {{ every_key('records_in_conflict.record_number') }}
        )

),

values_in_conflict as (

    select
        identifiers.record_id,
        identifiers.kind,
        identifiers.value,
        rules.weight,
        rules.priority,
        rules.max_values_per_profile
    from identifiers
    inner join rules on identifiers.kind = rules.kind

),

limited_values as (

    select distinct
        record_id,
        kind,
        value,
        max_values_per_profile as limit_value
    from values_in_conflict
    where max_values_per_profile is not null

),

-- All pairs behind a value, not a star: when its centre is cut off, the others still belong together.
strengths as (

    select
        values_a.record_id as record_id_a,
        values_b.record_id as record_id_b,
        sum(values_a.weight) as weight,
        min(values_a.priority) as priority
    from values_in_conflict as values_a
    inner join values_in_conflict as values_b
        on
            values_a.kind = values_b.kind
            and values_a.value = values_b.value
    where values_a.record_id < values_b.record_id
    group by values_a.record_id, values_b.record_id

),

ranked_pairs as (

    select
        record_id_a,
        record_id_b,
        row_number() over (
            order by
                weight desc,
                priority,
                {{ dbt.hash("record_id_a || ' ' || record_id_b") }},
                record_id_a,
                record_id_b
        ) as position
    from strengths

),

decided_links as (

    select
        overrides.record_id_a,
        overrides.record_id_b
    from overrides
    inner join records_in_conflict as records_a on overrides.record_id_a = records_a.record_id
    inner join records_in_conflict as records_b on overrides.record_id_b = records_b.record_id
    where overrides.decision = 'link'

),

decided_separations as (

    select
        record_id_a,
        record_id_b
    from overrides
    where decision = 'separate'

),

decided_groups as (

    {{ connected_components('decided_links') }}

),

first_labels as (

    select
        records_in_conflict.record_id,
        coalesce(decided_groups.component, records_in_conflict.record_id) as label
    from records_in_conflict
    left join decided_groups on records_in_conflict.record_id = decided_groups.node

),

parts as (

    {{ clusters_within_limits(
        'first_labels', 'ranked_pairs', 'limited_values', 'decided_separations', var('max_records_per_profile')
    ) }}

)

select
    records_of_components.record_id,
    records_of_components.record_number,
    min(records_of_components.record_id) over (
        partition by records_of_components.component_number, parts.label
    ) as cluster_id
from records_of_components
left join parts on records_of_components.record_id = parts.record_id
