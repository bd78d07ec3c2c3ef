-- Grain: record_id. The cluster of records that are one person, named by its smallest record: a
-- deterministic cluster, or several that fuzzy links join, the strongest link first, as long as no limit is
-- broken.
-- Leaves out the profile's id: that is identity.identity_map.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
-- depends_on: {{ ref('records_behind_fuzzy_links') }}
with deterministic_clusters as (

    select * from {{ ref('deterministic_clusters') }} {{ unresolved() }}

),

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }}

),

matching_entities as (

    select * from {{ ref('matching_entities') }} {{ unresolved('cluster_number') }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

linked_clusters as (

    select deterministic_clusters.cluster_id
    from fuzzy_links
    inner join deterministic_clusters on fuzzy_links.record_id_a = deterministic_clusters.record_id
    union
    select deterministic_clusters.cluster_id
    from fuzzy_links
    inner join deterministic_clusters on fuzzy_links.record_id_b = deterministic_clusters.record_id

),

first_labels as (

    select
        deterministic_clusters.record_id,
        deterministic_clusters.cluster_id as label
    from deterministic_clusters
    inner join linked_clusters on deterministic_clusters.cluster_id = linked_clusters.cluster_id

),

ranked_pairs as (

    select
        record_id_a,
        record_id_b,
        row_number() over (order by weight desc, record_id_a, record_id_b) as position
    from fuzzy_links

),

limited_values as (

    select distinct
        identifiers.record_id,
        identifiers.kind,
        identifiers.value,
        rules.max_values_per_profile as limit_value
    from identifiers
    inner join first_labels on identifiers.record_id = first_labels.record_id
    inner join rules on identifiers.kind = rules.kind
    where identifiers.is_usable and rules.max_values_per_profile is not null
    union all
    -- Pairs of different first names are not linked, nor may they meet over a third.
    select
        matching_entities.cluster_id as record_id,
        'first_name' as kind,
        matching_entities.first_name as value,
        1 as limit_value
    from matching_entities
    inner join linked_clusters on matching_entities.cluster_id = linked_clusters.cluster_id
    where matching_entities.first_name is not null

),

decided_separations as (

    select
        record_id_a,
        record_id_b
    from overrides
    where decision = 'separate'

),

joined as (

    {{ clusters_within_limits(
        'first_labels', 'ranked_pairs', 'limited_values', 'decided_separations', var('max_records_per_profile')
    ) }}

),

named as (

    select
        record_id,
        min(record_id) over (partition by label) as cluster_id
    from joined

)

select
    deterministic_clusters.record_id,
    deterministic_clusters.record_number,
    coalesce(named.cluster_id, deterministic_clusters.cluster_id) as cluster_id
from deterministic_clusters
left join named on deterministic_clusters.record_id = named.record_id
