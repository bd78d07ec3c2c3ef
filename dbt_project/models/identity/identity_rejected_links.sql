-- Grain: record_id_a, record_id_b, rule. The links between records that share a value, a star per value,
-- or are fuzzy, and are not drawn, with the reason: of the value (blocked, shared by too many records or in
-- a household), or because they lead from one cluster to another (over a limit, or people decided
-- otherwise).
-- Leaves out the shared value itself, which is personal data.
with identity_components as (

    select * from {{ ref('identity_components') }}

),

identity_conflicts as (

    select * from {{ ref('identity_conflicts') }}

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
        value_number,
        rejection_reason as reason
    from {{ ref('identifiers') }}
    where not is_usable and value_number is not null

),

rejected_stars as (

    {{ stars('rejected_identifiers', within=['reason']) }}

),

-- Only what was in conflict is cut.
records_in_conflict as (

    select record_number
    from identity_components
    where component_number in (select identity_conflicts.component_number from identity_conflicts)

),

identifiers_in_conflict as (

    select
        record_id,
        kind,
        value_number
    from {{ ref('identifiers') }}
    where is_usable and record_number in (select records_in_conflict.record_number from records_in_conflict)

),

stars_in_conflict as (

    {{ stars('identifiers_in_conflict') }}

),

links as (

    select
        record_id_a,
        record_id_b,
        rule,
        null as weight
    from stars_in_conflict
    union all
    select
        record_id_a,
        record_id_b,
        rule,
        weight
    from fuzzy_links

),

overridden_pairs as (

    select
        record_id_a,
        record_id_b
    from overrides
    where decision = 'separate'

),

ends as (

    select record_id_a as record_id from links
    union
    select record_id_b as record_id from links
    union
    select record_id_a as record_id from overridden_pairs
    union
    select record_id_b as record_id from overridden_pairs

),

clusters_of_ends as (

    select
        record_id,
        cluster_id
    from {{ ref('identity_clusters') }}
    where record_id in (select ends.record_id from ends)

),

separated_clusters as (

    select distinct
        least(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_a,
        greatest(clusters_a.cluster_id, clusters_b.cluster_id) as cluster_id_b
    from overridden_pairs
    inner join clusters_of_ends as clusters_a on overridden_pairs.record_id_a = clusters_a.record_id
    inner join clusters_of_ends as clusters_b on overridden_pairs.record_id_b = clusters_b.record_id

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
    inner join clusters_of_ends as clusters_a on links.record_id_a = clusters_a.record_id
    inner join clusters_of_ends as clusters_b on links.record_id_b = clusters_b.record_id
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
