-- The invariant of connected components: whoever shares an edge shares a cluster.
{{ config(meta={'dagster': {'ref': {'name': 'identity_clusters'}}}) }}
select
    identity_edges.record_id_a,
    identity_edges.record_id_b
from {{ ref('identity_edges') }} as identity_edges
inner join {{ ref('identity_clusters') }} as clusters_a
    on identity_edges.record_id_a = clusters_a.record_id
inner join {{ ref('identity_clusters') }} as clusters_b
    on identity_edges.record_id_b = clusters_b.record_id
where clusters_a.cluster_id <> clusters_b.cluster_id
