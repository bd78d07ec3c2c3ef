-- Grain: record_id_a, record_id_b. Pairs of clusters that may be one person, for people to decide: too
-- weak to link, too strong to be chance. A cluster is named by its smallest record, and the decision is a
-- row of seeds/identity_overrides.csv about these records.
-- Leaves out pairs that were decided, and those that other links have joined.
with fuzzy_pairs as (

    select * from {{ source('identity', 'fuzzy_pairs') }}

),

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

records_asked_for as (

    select record_id_a as record_id from fuzzy_pairs
    union
    select record_id_b as record_id from fuzzy_pairs
    union
    select record_id_a as record_id from overrides
    union
    select record_id_b as record_id from overrides

),

identity_clusters as (

    select * from {{ ref('identity_clusters') }}
    where record_id in (select records_asked_for.record_id from records_asked_for)

),

open_pairs as (

    select
        fuzzy_pairs.record_id_a,
        fuzzy_pairs.record_id_b,
        fuzzy_pairs.match_weight,
        fuzzy_pairs.match_probability,
        fuzzy_pairs.evidence,
        clusters_a.cluster_id as cluster_id_a,
        clusters_b.cluster_id as cluster_id_b
    from fuzzy_pairs
    inner join identity_clusters as clusters_a on fuzzy_pairs.record_id_a = clusters_a.record_id
    inner join identity_clusters as clusters_b on fuzzy_pairs.record_id_b = clusters_b.record_id
    left join fuzzy_links
        on
            fuzzy_pairs.record_id_a = fuzzy_links.record_id_a
            and fuzzy_pairs.record_id_b = fuzzy_links.record_id_b
    where
        clusters_a.cluster_id <> clusters_b.cluster_id
        and fuzzy_links.record_id_a is null

),

decided_separations as (

    select
        least(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_a,
        greatest(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_b
    from overrides
    inner join identity_clusters as clusters_a on overrides.record_id_a = clusters_a.record_id
    inner join identity_clusters as clusters_b on overrides.record_id_b = clusters_b.record_id
    where overrides.decision = 'separate'

)

select
    open_pairs.record_id_a,
    open_pairs.record_id_b,
    open_pairs.match_weight,
    open_pairs.match_probability,
    open_pairs.evidence
from open_pairs
where
    not exists (
        select 1 from decided_separations
        where
            decided_separations.cluster_id_a = least(open_pairs.cluster_id_a, open_pairs.cluster_id_b)
            and decided_separations.cluster_id_b = greatest(open_pairs.cluster_id_a, open_pairs.cluster_id_b)
    )
