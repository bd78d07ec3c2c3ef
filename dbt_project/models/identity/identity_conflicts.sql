-- Grain: component_id, reason. The components that cannot be one person, and why: more values of a kind
-- than a profile may hold, records that people decided to keep apart, or too many records.
-- Leaves out the values themselves, which are personal data.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='component_id') }}
with identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

too_many_values as (

    select
        identity_components.component_id,
        'too many values of ' || identifiers.kind as reason
    from identity_components
    inner join identifiers on identity_components.record_id = identifiers.record_id
    inner join rules on identifiers.kind = rules.kind
    where identifiers.is_usable and rules.max_values_per_profile is not null
    group by identity_components.component_id, identifiers.kind, rules.max_values_per_profile
    having count(distinct identifiers.value) > rules.max_values_per_profile

),

kept_apart as (

    select distinct
        components_a.component_id,
        'kept apart by an override' as reason
    from overrides
    inner join identity_components as components_a on overrides.record_id_a = components_a.record_id
    inner join identity_components as components_b on overrides.record_id_b = components_b.record_id
    where
        overrides.decision = 'separate'
        and components_a.component_id = components_b.component_id

),

too_large as (

    select
        component_id,
        'too many records' as reason
    from identity_components
    group by component_id
    having count(*) > {{ var('max_records_per_profile') }}

)

select component_id, reason from too_many_values
union all
select component_id, reason from kept_apart
union all
select component_id, reason from too_large
