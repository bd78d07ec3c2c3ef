-- Grain: profile_id. How sure it is that a profile is one person: that all its bridges are right, from
-- identity.identity_bridges, as if one had nothing to do with another. So a profile of many records that each
-- hang on one address is less sure than one of two. On the demo's truth this finds wrong merges better than
-- the weakest bridge alone, and the chances of error add up to about as many profiles as are wrong.
-- 1 where no bridge is: a single record was merged with nothing, and where every record is held by two
-- pieces of evidence, both would have to be wrong. What people decided counts as certain.
-- Leaves out whether a person has further profiles: identity.identity_review has these.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='profile_id') }}
with identity_map as (

    select * from {{ ref('identity_map') }} {{ of_unresolved_records() }}

),

identity_edges as (

    select * from {{ ref('identity_edges') }}

),

identity_bridges as (

    select * from {{ ref('identity_bridges') }} {{ of_unresolved_records() }}

),

sizes as (

    select
        profile_id,
        cast(count(*) as {{ dbt.type_int() }}) as record_count
    from identity_map
    group by profile_id

),

links as (

    select
        identity_map.profile_id,
        cast(count(*) as {{ dbt.type_int() }}) as link_count
    from identity_edges
    inner join identity_map on identity_edges.record_number_a = identity_map.record_number
    group by identity_map.profile_id

),

bridges as (

    select
        profile_id,
        cast(count(*) as {{ dbt.type_int() }}) as bridge_count,
        min(match_weight) as weakest_match_weight,
        -- The product, rounded: in which order one adds changes the last digits.
        round(exp(sum(ln(match_probability))), 6) as confidence
    from identity_bridges
    group by profile_id

)

select
    sizes.profile_id,
    sizes.record_count,
    coalesce(links.link_count, 0) as link_count,
    coalesce(bridges.bridge_count, 0) as bridge_count,
    bridges.weakest_match_weight,
    coalesce(bridges.confidence, 1) as confidence
from sizes
left join links on sizes.profile_id = links.profile_id
left join bridges on sizes.profile_id = bridges.profile_id
