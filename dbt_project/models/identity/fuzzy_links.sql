-- Grain: record_id_a, record_id_b. Links between deterministic clusters that are one person's in all
-- likelihood, though they share no identifier: the pairs of the fuzzy matching from the weight on that
-- links. A cluster is named by its smallest record.
-- Leaves out pairs that people should look at: identity.identity_review has these.
{{ config(pre_hook="{{ create_fuzzy_pairs() }}") }}
with fuzzy_pairs as (

    select * from {{ source('identity', 'fuzzy_pairs') }}

),

deterministic_clusters as (

    select * from {{ ref('deterministic_clusters') }}

)

select
    fuzzy_pairs.record_id_a,
    fuzzy_pairs.record_id_b,
    'fuzzy' as rule,
    fuzzy_pairs.match_weight as weight
from fuzzy_pairs
inner join deterministic_clusters as clusters_a on fuzzy_pairs.record_id_a = clusters_a.record_id
inner join deterministic_clusters as clusters_b on fuzzy_pairs.record_id_b = clusters_b.record_id
where
    fuzzy_pairs.match_weight >= {{ var('fuzzy_link_weight') }}
    and clusters_a.cluster_id <> clusters_b.cluster_id
