-- Grain: record_id_a, record_id_b, rule. The links that hold: within a cluster, a star per shared value,
-- from its smallest record there to all others, fuzzy links, and what people decided to link.
-- Leaves out the shared value itself, which is personal data, and links that a limit cut:
-- identity.identity_rejected_links has these.
with identifiers as (

    select * from {{ ref('identifiers') }}

),

identity_clusters as (

    select * from {{ ref('identity_clusters') }}

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

usable_identifiers as (

    select
        identifiers.record_id,
        identifiers.kind,
        identifiers.value,
        identity_clusters.cluster_id,
        cast(rules.weight as {{ dbt.type_float() }}) as weight
    from identifiers
    inner join identity_clusters on identifiers.record_id = identity_clusters.record_id
    inner join rules on identifiers.kind = rules.kind
    where identifiers.is_usable

),

-- Grouped and joined, not a window: most values stand behind one record, and fall out here.
centres as (

    select
        cluster_id,
        kind,
        value,
        min(record_id) as record_id
    from usable_identifiers
    group by cluster_id, kind, value
    having count(*) > 1

),

stars as (

    select
        centres.record_id as record_id_a,
        usable_identifiers.record_id as record_id_b,
        usable_identifiers.kind as rule,
        usable_identifiers.weight
    from usable_identifiers
    inner join centres
        on
            usable_identifiers.cluster_id = centres.cluster_id
            and usable_identifiers.kind = centres.kind
            and usable_identifiers.value = centres.value

)

select distinct
    record_id_a,
    record_id_b,
    rule,
    weight
from stars
where record_id_a <> record_id_b
union all
select distinct
    least(overrides.record_id_a, overrides.record_id_b) as record_id_a,
    greatest(overrides.record_id_a, overrides.record_id_b) as record_id_b,
    'override' as rule,
    cast(null as {{ dbt.type_float() }}) as weight
from overrides
inner join identity_clusters as clusters_a on overrides.record_id_a = clusters_a.record_id
inner join identity_clusters as clusters_b on overrides.record_id_b = clusters_b.record_id
where overrides.decision = 'link'
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
