-- Grain: record_number. The component of records that usable identifiers and decisions of people connect,
-- directly or over others. A record without a link is a component of its own. Records go by the number of
-- their id, and a component by one of its records' numbers: that takes a part of the time that texts take.
-- Leaves out limits, which identity.identity_clusters holds to, and the links: identity.identity_edges has
-- those that are left.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
{{ refuse_malformed_decisions(ref('identity_overrides')) }}
{{ refuse_contradictions(
    ref('identity_overrides'), "decision = 'link'", 'link', 'separate', 'author', 'decided_on'
) }}
with customer_records as (

    select record_number from {{ ref('customer_records') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

overrides as (

    select
        {{ record_number('record_id_a') }} as record_number_a,
        {{ record_number('record_id_b') }} as record_number_b
    from {{ ref('identity_overrides') }}
    where decision = 'link'

),

usable_identifiers as (

    select
        record_number,
        kind,
        value_number
    from identifiers
    where is_usable

),

stars as (

    {{ stars('usable_identifiers', record='record_number') }}

),

links as (

    select
        record_number_a,
        record_number_b
    from stars
    union all
    select
        overrides.record_number_a,
        overrides.record_number_b
    from overrides
    inner join customer_records as records_a on overrides.record_number_a = records_a.record_number
    inner join customer_records as records_b on overrides.record_number_b = records_b.record_number

),

components as (

    {{ connected_components('links', 'record_number_a', 'record_number_b') }}

)

select
    customer_records.record_number,
    coalesce(components.component, customer_records.record_number) as component_number
from customer_records
left join components on customer_records.record_number = components.node
