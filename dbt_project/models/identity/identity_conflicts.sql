-- Grain: component_number, reason. The components that cannot be one person, and why: more values of a kind
-- than a profile may hold, records that people decided to keep apart, or too many records.
-- Leaves out the values themselves, which are personal data.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='component_number'
) }}
with identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

overrides as (

    select
        {{ record_number('record_id_a') }} as record_number_a,
        {{ record_number('record_id_b') }} as record_number_b
    from {{ ref('identity_overrides') }}
    where decision = 'separate'

),

too_many_values as (

    select
        identity_components.component_number,
        'too many values of ' || identifiers.kind as reason
    from identity_components
    inner join identifiers on identity_components.record_number = identifiers.record_number
    inner join rules on identifiers.kind = rules.kind
    where identifiers.is_usable and rules.max_values_per_profile is not null
    group by identity_components.component_number, identifiers.kind, rules.max_values_per_profile
    having count(distinct identifiers.value_number) > rules.max_values_per_profile

),

kept_apart as (

    select distinct
        components_a.component_number,
        'kept apart by an override' as reason
    from overrides
    inner join identity_components as components_a on overrides.record_number_a = components_a.record_number
    inner join identity_components as components_b on overrides.record_number_b = components_b.record_number
    where components_a.component_number = components_b.component_number

),

too_large as (

    select
        component_number,
        'too many records' as reason
    from identity_components
    group by component_number
    having count(*) > {{ var('max_records_per_profile') }}

),

conflicts as (

    select component_number, reason from too_many_values
    union all
    select component_number, reason from kept_apart
    union all
    select component_number, reason from too_large

),

first_records as (

    select
        identity_components.component_number,
        min(customer_records.record_id) as record_id
    from identity_components
    inner join customer_records on identity_components.record_number = customer_records.record_number
    where identity_components.component_number in (select conflicts.component_number from conflicts)
    group by identity_components.component_number

)

select
    conflicts.component_number,
    conflicts.reason,
    first_records.record_id
from conflicts
inner join first_records on conflicts.component_number = first_records.component_number
