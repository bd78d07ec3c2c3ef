-- A cluster is a profile and a profile is a cluster: neither is spread over several of the other.
{{ config(meta={'dagster': {'ref': {'name': 'identity_map'}}}) }}
select
    identity_map.profile_id,
    count(distinct identity_clusters.cluster_id) as cluster_count
from {{ ref('identity_map') }} as identity_map
inner join {{ ref('identity_clusters') }} as identity_clusters
    on identity_map.record_id = identity_clusters.record_id
group by identity_map.profile_id
having count(distinct identity_clusters.cluster_id) > 1
