-- Grain: record_id_a, record_id_b, rule. The links between records that share a value, a star per value,
-- or are fuzzy, and are not drawn, with the reason: of the value (blocked, shared by too many records or in
-- a household), or because they lead from one cluster to another (over a limit, or people decided
-- otherwise).
-- Leaves out the shared value itself, which is personal data.
with identifiers as (

    select * from {{ ref('identifiers') }}

),

identity_clusters as (

    select * from {{ ref('identity_clusters') }}

),

identity_components as (

    select * from {{ ref('identity_components') }}

),

identity_conflicts as (

    select * from {{ ref('identity_conflicts') }}

),

identity_links as (

    select * from {{ ref('identity_links') }}

),

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

rejected_identifiers as (

    select
        record_id,
        kind,
        value,
        rejection_reason as reason
    from identifiers
    where not is_usable and value is not null

),

rejected_stars as (

    {{ stars('rejected_identifiers', also=['reason']) }}

),

separated_clusters as (

    select distinct
        least(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_a,
        greatest(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_b
    from overrides
    inner join identity_clusters as clusters_a on overrides.record_id_a = clusters_a.record_id
    inner join identity_clusters as clusters_b on overrides.record_id_b = clusters_b.record_id
    where overrides.decision = 'separate'

),

-- Only what was in conflict is cut.
links as (

    select
        record_id_a,
        record_id_b,
        rule,
        null as weight
    from identity_links
    where
        record_id_a in (
            select identity_components.record_id
            from identity_components
            where
                identity_components.component_id in (
                    select identity_conflicts.component_id from identity_conflicts
                )
        )
    union all
    select
        record_id_a,
        record_id_b,
        rule,
        weight
    from fuzzy_links

),

cut_links as (

    select
        links.record_id_a,
        links.record_id_b,
        links.rule,
        links.weight,
        case
            when separated_clusters.cluster_id_a is null then 'over a limit' else 'overridden'
        end as reason
    from links
    inner join identity_clusters as clusters_a on links.record_id_a = clusters_a.record_id
    inner join identity_clusters as clusters_b on links.record_id_b = clusters_b.record_id
    left join separated_clusters
        on
            least(clusters_a.cluster_id, clusters_b.cluster_id) = separated_clusters.cluster_id_a
            and greatest(clusters_a.cluster_id, clusters_b.cluster_id) = separated_clusters.cluster_id_b
    where clusters_a.cluster_id <> clusters_b.cluster_id

),

rejected_links as (

    select
        record_id_a,
        record_id_b,
        rule,
        null as weight,
        reason
    from rejected_stars
    union all
    select
        record_id_a,
        record_id_b,
        rule,
        weight,
        reason
    from cut_links

)

select
    rejected_links.record_id_a,
    rejected_links.record_id_b,
    rejected_links.rule,
    cast(coalesce(rejected_links.weight, rules.weight) as double) as weight,
    rejected_links.reason
from rejected_links
left join rules on rejected_links.rule = rules.kind
