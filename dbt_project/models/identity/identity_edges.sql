-- Grain: record_id_a, record_id_b, rule. The links that hold: a star per shared value and cluster, from its
-- smallest record to all others, since that connects them with the fewest links, and within a cluster the
-- fuzzy links and those that people decided on.
-- Leaves out the shared value itself, which is personal data, and links that a limit cut:
-- identity.identity_rejected_links has these.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number_a'
) }}
with identity_clusters as (

    select * from {{ ref('identity_clusters') }} {{ unresolved() }}

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

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }}

),

identifiers_of_clusters as (

    select
        identifiers.record_id,
        identifiers.record_number,
        identifiers.kind,
        identifiers.value_number,
        identity_clusters.cluster_id
    from identifiers
    inner join identity_clusters on identifiers.record_number = identity_clusters.record_number
    where identifiers.is_usable

),

stars as (

    {{ stars('identifiers_of_clusters', within=['cluster_id'], carried=['record_number']) }}

),

links_of_pairs as (

    select distinct
        least(record_id_a, record_id_b) as record_id_a,
        greatest(record_id_a, record_id_b) as record_id_b,
        'override' as rule,
        cast(null as double) as weight
    from overrides
    where decision = 'link'
    union all
    select
        record_id_a,
        record_id_b,
        rule,
        weight
    from fuzzy_links

)

select
    stars.record_id_a,
    stars.record_number_a,
    stars.record_id_b,
    stars.record_number_b,
    stars.rule,
    cast(rules.weight as double) as weight
from stars
left join rules on stars.rule = rules.kind
union all
select
    links_of_pairs.record_id_a,
    clusters_a.record_number as record_number_a,
    links_of_pairs.record_id_b,
    clusters_b.record_number as record_number_b,
    links_of_pairs.rule,
    links_of_pairs.weight
from links_of_pairs
inner join identity_clusters as clusters_a on links_of_pairs.record_id_a = clusters_a.record_id
inner join identity_clusters as clusters_b on links_of_pairs.record_id_b = clusters_b.record_id
where clusters_a.cluster_id = clusters_b.cluster_id
