-- Grain: record_id_a, record_id_b, rule. The links that hold: those of a component that is one person, for
-- one that was cut a star per shared value and cluster, fuzzy links within a cluster, and what people
-- decided to link.
-- Leaves out the shared value itself, which is personal data, and links that a limit cut:
-- identity.identity_rejected_links has these.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_id_a') }}
with identity_links as (

    select * from {{ ref('identity_links') }} {{ unresolved('record_id_a') }}

),

identity_clusters as (

    select * from {{ ref('identity_clusters') }} {{ unresolved() }}

),

identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

identity_conflicts as (

    select * from {{ ref('identity_conflicts') }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }}

),

records_in_conflict as (

    select identity_components.record_id
    from identity_components
    where
        identity_components.component_id in (
            select identity_conflicts.component_id from identity_conflicts
        )

),

-- What people decided holds whatever the limits.
links_that_hold as (

    select
        identity_links.record_id_a,
        identity_links.record_id_b,
        identity_links.rule
    from identity_links
    where
        identity_links.rule = 'override'
        or identity_links.record_id_a not in (select records_in_conflict.record_id from records_in_conflict)

),

values_in_conflict as (

    select
        identifiers.record_id,
        identifiers.kind,
        min(identifiers.record_id) over (
            partition by identity_clusters.cluster_id, identifiers.kind, identifiers.value
        ) as centre
    from identifiers
    inner join records_in_conflict on identifiers.record_id = records_in_conflict.record_id
    inner join identity_clusters on identifiers.record_id = identity_clusters.record_id
    where identifiers.is_usable

),

links_within_clusters as (

    select
        record_id_a,
        record_id_b,
        rule
    from links_that_hold
    union all
    select distinct
        centre as record_id_a,
        record_id as record_id_b,
        kind as rule
    from values_in_conflict
    where record_id <> centre

)

select
    links_within_clusters.record_id_a,
    links_within_clusters.record_id_b,
    links_within_clusters.rule,
    cast(rules.weight as double) as weight
from links_within_clusters
left join rules on links_within_clusters.rule = rules.kind
union all
select
    fuzzy_links.record_id_a,
    fuzzy_links.record_id_b,
    fuzzy_links.rule,
    fuzzy_links.weight
from fuzzy_links
inner join identity_clusters as clusters_a on fuzzy_links.record_id_a = clusters_a.record_id
inner join identity_clusters as clusters_b on fuzzy_links.record_id_b = clusters_b.record_id
where clusters_a.cluster_id = clusters_b.cluster_id
