-- Grain: evidence, scope. How good the clusters are, by what is known of who is who: the pairs of records
-- that people have labelled, and the truth that a deployment may have. Identified records are those that
-- state a valid e-mail address, phone number, loyalty card or account of their own, and named ones those that
-- state a first name: of the others one knows whose address they bear, not who stood behind it. What the
-- fuzzy matching adds shows beside what the deterministic clusters alone would score.
-- Leaves out records that are not there (any more), and profiles: they follow the clusters only if these
-- scores are good enough.
{{ refuse_contradictions(
    ref('identity_labels'), 'is_same_person', 'one person:', 'not one person:', 'labelled_by', 'labelled_on'
) }}
with identity_clusters as (

    select * from {{ ref('identity_clusters') }}

),

deterministic_clusters as (

    select * from {{ ref('deterministic_clusters') }}

),

identifiers as (

    select * from {{ ref('identifiers') }}

),

first_names as (

    select * from {{ ref('first_names') }}

),

identity_labels as (

    select * from {{ ref('identity_labels') }}

),

identity_truth as (

    select * from {{ ref('identity_truth') }}

),

-- Once each, in whichever order and by however many people a pair was labelled.
labelled_pairs as (

    select distinct
        least(record_id_a, record_id_b) as record_id_a,
        greatest(record_id_a, record_id_b) as record_id_b,
        is_same_person
    from identity_labels
    where record_id_a <> record_id_b

),

known_records as (

    select record_id from identity_truth
    union
    select record_id_a as record_id from labelled_pairs
    union
    select record_id_b as record_id from labelled_pairs

),

-- Of the known ones alone: where nothing is known, nothing is read.
records_of_scopes as (

    select
        'all records' as scope,
        record_id
    from known_records
    union all
    select distinct
        'identified records' as scope,
        identifiers.record_id
    from identifiers
    inner join known_records on identifiers.record_id = known_records.record_id
    where
        identifiers.kind in ('email', 'phone', 'loyalty_id', 'account_id')
        and coalesce(identifiers.rejection_reason, 'none') not in ('not valid', 'blocked')
    union all
    select
        'named records' as scope,
        first_names.record_id
    from first_names
    inner join known_records on first_names.record_id = known_records.record_id

),

clusterings as (

    select
        'final' as clustering,
        record_id,
        cluster_id
    from identity_clusters
    union all
    select
        'deterministic' as clustering,
        record_id,
        cluster_id
    from deterministic_clusters

),

clustered_records as (

    select
        records_of_scopes.scope,
        clusterings.clustering,
        clusterings.record_id,
        clusterings.cluster_id
    from clusterings
    inner join records_of_scopes on clusterings.record_id = records_of_scopes.record_id

),

counts_by_labels as (

    select
        'labels' as evidence,
        records_a.scope,
        records_a.clustering,
        count(case when labelled_pairs.is_same_person then 1 end) as true_pairs,
        count(case when records_a.cluster_id = records_b.cluster_id then 1 end) as found_pairs,
        count(
            case when labelled_pairs.is_same_person and records_a.cluster_id = records_b.cluster_id then 1 end
        ) as right_pairs
    from labelled_pairs
    inner join clustered_records as records_a on labelled_pairs.record_id_a = records_a.record_id
    inner join clustered_records as records_b
        on
            labelled_pairs.record_id_b = records_b.record_id
            and records_a.scope = records_b.scope
            and records_a.clustering = records_b.clustering
    group by records_a.scope, records_a.clustering

),

people_in_clusters as (

    select
        clustered_records.scope,
        clustered_records.clustering,
        identity_truth.person_id,
        clustered_records.cluster_id,
        count(*) as record_count
    from clustered_records
    inner join identity_truth on clustered_records.record_id = identity_truth.record_id
    group by
        clustered_records.scope,
        clustered_records.clustering,
        identity_truth.person_id,
        clustered_records.cluster_id

),

groups_of_records as (

    select
        scope,
        clustering,
        'person' as whose,
        sum(record_count) as record_count
    from people_in_clusters
    group by scope, clustering, person_id
    union all
    select
        scope,
        clustering,
        'cluster' as whose,
        sum(record_count) as record_count
    from people_in_clusters
    group by scope, clustering, cluster_id
    union all
    select
        scope,
        clustering,
        'person in a cluster' as whose,
        record_count
    from people_in_clusters

),

-- A group of n records has n (n - 1) / 2 pairs: counted so, none is ever listed.
pairs_of_groups as (

    select
        scope,
        clustering,
        whose,
        cast(sum(record_count * (record_count - 1)) / 2 as {{ dbt.type_bigint() }}) as pair_count
    from groups_of_records
    group by scope, clustering, whose

),

counts_by_truth as (

    select
        'truth' as evidence,
        scope,
        clustering,
        max(case when whose = 'person' then pair_count end) as true_pairs,
        max(case when whose = 'cluster' then pair_count end) as found_pairs,
        max(case when whose = 'person in a cluster' then pair_count end) as right_pairs
    from pairs_of_groups
    group by scope, clustering

),

counts as (

    select evidence, scope, clustering, true_pairs, found_pairs, right_pairs from counts_by_labels
    union all
    select evidence, scope, clustering, true_pairs, found_pairs, right_pairs from counts_by_truth

),

evidences as (

    select 'labels' as evidence
    union all
    select 'truth' as evidence

),

scopes as (

    select 'all records' as scope
    union all
    select 'identified records' as scope
    union all
    select 'named records' as scope

),

all_counts as (

    select
        evidences.evidence,
        scopes.scope,
        coalesce(counts.true_pairs, 0) as true_pairs,
        coalesce(counts.found_pairs, 0) as found_pairs,
        coalesce(counts.right_pairs, 0) as right_pairs,
        coalesce(deterministic_counts.found_pairs, 0) as deterministic_found_pairs,
        coalesce(deterministic_counts.right_pairs, 0) as deterministic_right_pairs
    from evidences
    cross join scopes
    left join counts
        on
            evidences.evidence = counts.evidence
            and scopes.scope = counts.scope
            and counts.clustering = 'final'
    left join counts as deterministic_counts
        on
            evidences.evidence = deterministic_counts.evidence
            and scopes.scope = deterministic_counts.scope
            and deterministic_counts.clustering = 'deterministic'

)

select
    evidence,
    scope,
    true_pairs,
    found_pairs,
    right_pairs,
    right_pairs / nullif(found_pairs, 0) as precision,
    right_pairs / nullif(true_pairs, 0) as recall,
    case when found_pairs > 0 and true_pairs > 0 then 2 * right_pairs / (found_pairs + true_pairs) end as f1,
    deterministic_right_pairs / nullif(deterministic_found_pairs, 0) as deterministic_precision,
    deterministic_right_pairs / nullif(true_pairs, 0) as deterministic_recall
from all_counts
