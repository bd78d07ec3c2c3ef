-- The invariant of clusters: whoever shares an edge shares a cluster, and each cluster is held together by
-- edges, however it was cut.
{{ config(meta={'dagster': {'ref': {'name': 'identity_edges'}}}) }}
with components as (

    {{ connected_components(ref('identity_edges')) }}

)

select
    clusters.record_id,
    clusters.cluster_id,
    components.component
from {{ ref('identity_clusters') }} as clusters
left join components on clusters.record_id = components.node
where coalesce(components.component, clusters.record_id) <> clusters.cluster_id
