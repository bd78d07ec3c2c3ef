-- No cluster holds more values of a kind or more records than a profile may, unless people decided so, nor
-- records that people decided to keep apart. What they linked may be too large, but nobody else joins it.
{{ config(meta={'dagster': {'ref': {'name': 'identity_clusters'}}}) }}
with clusters as (

    select * from {{ ref('identity_clusters') }}

),

decided_clusters as (

    select distinct clusters.cluster_id
    from {{ ref('identity_overrides') }} as overrides
    inner join clusters on overrides.record_id_a = clusters.record_id
    where overrides.decision = 'link'

),

decided_records as (

    select record_id_a as record_id
    from {{ ref('identity_overrides') }}
    where decision = 'link'
    union
    select record_id_b as record_id
    from {{ ref('identity_overrides') }}
    where decision = 'link'

)

select
    clusters.cluster_id,
    identifiers.kind as reason
from clusters
inner join {{ ref('identifiers') }} as identifiers on clusters.record_id = identifiers.record_id
inner join {{ ref('identity_rules') }} as rules on identifiers.kind = rules.kind
left join decided_clusters on clusters.cluster_id = decided_clusters.cluster_id
where identifiers.is_usable and decided_clusters.cluster_id is null
group by clusters.cluster_id, identifiers.kind, rules.max_values_per_profile
having count(distinct identifiers.value) > rules.max_values_per_profile
union all
select
    clusters.cluster_id,
    'records' as reason
from clusters
left join decided_records on clusters.record_id = decided_records.record_id
group by clusters.cluster_id
having count(*) > {{ var('max_records_per_profile') }} and count(decided_records.record_id) < count(*)
union all
select
    clusters_a.cluster_id,
    'kept apart' as reason
from {{ ref('identity_overrides') }} as overrides
inner join clusters as clusters_a on overrides.record_id_a = clusters_a.record_id
inner join clusters as clusters_b on overrides.record_id_b = clusters_b.record_id
where overrides.decision = 'separate' and clusters_a.cluster_id = clusters_b.cluster_id
