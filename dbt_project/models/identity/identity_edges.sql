-- Grain: record_id_a, record_id_b, rule. Links between records that share a usable identifier: a star
-- per value, from its smallest record to all others, since that connects them with the fewest edges.
-- Leaves out the shared value itself, which is personal data, and identifiers that may not link.
with identifiers as (

    select * from {{ ref('identifiers') }}

),

stars as (

    select
        min(record_id) over (partition by kind, value) as record_id_a,
        record_id as record_id_b,
        kind as rule
    from identifiers
    where is_usable

)

select distinct
    record_id_a,
    record_id_b,
    rule
from stars
where record_id_a <> record_id_b
