-- The grid of seeds/rfm_groups.csv has a group for each fifth of recency and of value: nobody who is scored
-- is left without a name.
{{ config(meta={'dagster': {'ref': {'name': 'rfm_groups'}}}) }}
with fifths as (

    select 1 as fifth
    union all
    select 2 as fifth
    union all
    select 3 as fifth
    union all
    select 4 as fifth
    union all
    select 5 as fifth

)

select
    recency.fifth as recency_fifth,
    value_fifths.fifth as value_fifth
from fifths as recency
cross join fifths as value_fifths
left join {{ ref('rfm_groups') }} as rfm_groups
    on recency.fifth = rfm_groups.recency_fifth and value_fifths.fifth = rfm_groups.value_fifth
where rfm_groups.rfm_group is null
