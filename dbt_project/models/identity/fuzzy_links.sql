-- Grain: record_id_a, record_id_b. Links between deterministic clusters that are one person's in all
-- likelihood, though they share no identifier: the pairs of the fuzzy matching from the weight on that
-- links. A cluster is named by its smallest record.
-- Leaves out pairs that people should look at (identity.identity_review has these), and pairs that were
-- judged when other things were known of a cluster than now.
{{ config(pre_hook="{{ create_fuzzy_pairs() }}") }}
with fuzzy_pairs as (

    select * from {{ source('identity', 'fuzzy_pairs') }}

),

matching_entities as (

    select * from {{ ref('matching_entities') }}

)

select
    fuzzy_pairs.record_id_a,
    fuzzy_pairs.record_id_b,
    'fuzzy' as rule,
    fuzzy_pairs.match_weight as weight
from fuzzy_pairs
inner join matching_entities as entities_a
    on
        fuzzy_pairs.record_id_a = entities_a.cluster_id
        and fuzzy_pairs.fingerprint_a = entities_a.fingerprint
inner join matching_entities as entities_b
    on
        fuzzy_pairs.record_id_b = entities_b.cluster_id
        and fuzzy_pairs.fingerprint_b = entities_b.fingerprint
where fuzzy_pairs.match_weight >= {{ var('fuzzy_link_weight') }}
