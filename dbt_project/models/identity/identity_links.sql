-- Grain: record_id_a, record_id_b, rule. All links that the rules allow between records: a star per
-- shared value, from its smallest record to all others, since that connects them with the fewest links,
-- and what people decided to link. Limits may still cut some: identity.identity_edges has those that hold.
-- Leaves out the shared value itself, which is personal data, and identifiers that may not link.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_id_a') }}
{{ refuse_contradictions(
    ref('identity_overrides'), "decision = 'link'", 'link', 'separate', 'author', 'decided_on'
) }}
with identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

usable_identifiers as (

    select
        record_id,
        kind,
        value
    from identifiers
    where is_usable

),

stars as (

    {{ stars('usable_identifiers') }}

)

select
    record_id_a,
    record_id_b,
    rule
from stars
union all
select distinct
    least(overrides.record_id_a, overrides.record_id_b) as record_id_a,
    greatest(overrides.record_id_a, overrides.record_id_b) as record_id_b,
    'override' as rule
from overrides
inner join customer_records as records_a on overrides.record_id_a = records_a.record_id
inner join customer_records as records_b on overrides.record_id_b = records_b.record_id
where overrides.decision = 'link'
