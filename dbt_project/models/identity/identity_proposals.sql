-- Grain: record_id. The profile that each record is to belong to, beside the one that it belongs to now:
-- what identity.identity_history is about to say, open to tests before it says it. An id stays with the
-- cluster that holds most of its records; where clusters have joined the oldest id stays; a cluster
-- without one is named after its earliest record.
-- Leaves out nothing: a record that is gone is to belong to no profile.
with identity_clusters as (

    select * from {{ ref('identity_clusters') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

history as (

    {{ held_history() }}

),

last_revision as (

    select
        coalesce(max(revision), 0) as revision,
        max(
            case when revision = (select max(held.revision) from history as held) then rules_fingerprint end
        ) as rules_fingerprint
    from history

),

ranked_history as (

    select
        record_id,
        profile_id,
        row_number() over (partition by record_id order by revision desc) as recency
    from history

),

previous_assignments as (

    select
        record_id,
        profile_id
    from ranked_history
    where recency = 1 and profile_id is not null

),

issued_profiles as (

    select
        profile_id,
        min(revision) as issued_in
    from history
    where profile_id is not null
    group by profile_id

),

clustered_records as (

    select
        identity_clusters.record_id,
        identity_clusters.cluster_id,
        previous_assignments.profile_id as previous_profile_id,
        row_number() over (
            partition by identity_clusters.cluster_id
            order by
                case when customer_records.first_seen_at is null then 1 else 0 end,
                customer_records.first_seen_at,
                identity_clusters.record_id
        ) as position
    from identity_clusters
    inner join customer_records on identity_clusters.record_id = customer_records.record_id
    left join previous_assignments on identity_clusters.record_id = previous_assignments.record_id

),

shares_of_profiles as (

    select
        previous_profile_id as profile_id,
        cluster_id,
        min(position) as earliest_position,
        row_number() over (
            partition by previous_profile_id
            order by count(*) desc, min(position), cluster_id
        ) as preference
    from clustered_records
    where previous_profile_id is not null
    group by previous_profile_id, cluster_id

),

ranked_claims as (

    select
        shares_of_profiles.cluster_id,
        shares_of_profiles.profile_id,
        row_number() over (
            partition by shares_of_profiles.cluster_id
            order by
                issued_profiles.issued_in,
                shares_of_profiles.earliest_position,
                shares_of_profiles.profile_id
        ) as seniority
    from shares_of_profiles
    inner join issued_profiles on shares_of_profiles.profile_id = issued_profiles.profile_id
    where shares_of_profiles.preference = 1

),

kept_names as (

    select
        cluster_id,
        profile_id
    from ranked_claims
    where seniority = 1

),

nameless_records as (

    select
        clustered_records.record_id,
        clustered_records.cluster_id,
        clustered_records.position,
        {{ derived_profile_id('clustered_records.record_id') }} as profile_id
    from clustered_records
    left join kept_names on clustered_records.cluster_id = kept_names.cluster_id
    where kept_names.cluster_id is null

),

-- An id that is in use is not given twice. One that was given up comes back: it was named after a
-- record of this very cluster.
ranked_names as (

    select
        nameless_records.cluster_id,
        nameless_records.profile_id,
        row_number() over (
            partition by nameless_records.cluster_id order by nameless_records.position
        ) as preference
    from nameless_records
    left join kept_names on nameless_records.profile_id = kept_names.profile_id
    where kept_names.profile_id is null

),

new_names as (

    select
        cluster_id,
        profile_id
    from ranked_names
    where preference = 1

),

-- For clusters all of whose records have named profiles that live on elsewhere.
numbered_names as (

    select
        nameless_records.cluster_id,
        {{ derived_profile_id(
            "nameless_records.record_id || '#' || cast(last_revision.revision + 1 as " ~ dbt.type_string() ~ ")"
        ) }} as profile_id
    from nameless_records
    cross join last_revision
    left join new_names on nameless_records.cluster_id = new_names.cluster_id
    where nameless_records.position = 1 and new_names.cluster_id is null

),

named_clusters as (

    select cluster_id, profile_id from kept_names
    union all
    select cluster_id, profile_id from new_names
    union all
    select cluster_id, profile_id from numbered_names

),

decided_records as (

    select record_id_a as record_id from overrides
    union
    select record_id_b as record_id from overrides

),

proposals as (

    select
        coalesce(clustered_records.record_id, previous_assignments.record_id) as record_id,
        named_clusters.profile_id,
        previous_assignments.profile_id as previous_profile_id,
        max(case when previous_assignments.record_id is null then 1 else 0 end)
            over (partition by named_clusters.profile_id) as has_new_record,
        max(case when named_clusters.profile_id is null then 1 else 0 end)
            over (partition by previous_assignments.profile_id) as has_lost_record,
        max(case when decided_records.record_id is not null then 1 else 0 end)
            over (partition by previous_assignments.profile_id) as has_decided_record
    from clustered_records
    inner join named_clusters on clustered_records.cluster_id = named_clusters.cluster_id
    full outer join previous_assignments on clustered_records.record_id = previous_assignments.record_id
    left join decided_records on clustered_records.record_id = decided_records.record_id

),

living_profiles as (

    select distinct profile_id
    from named_clusters

),

described_proposals as (

    select
        proposals.record_id,
        proposals.profile_id,
        proposals.previous_profile_id,
        proposals.has_new_record,
        proposals.has_lost_record,
        proposals.has_decided_record,
        case
            when proposals.previous_profile_id is null then 'added'
            when proposals.profile_id is null then 'removed'
            when proposals.profile_id = proposals.previous_profile_id then null
            when living_profiles.profile_id is null then 'merged'
            else 'split'
        end as change
    from proposals
    left join living_profiles on proposals.previous_profile_id = living_profiles.profile_id

)

select
    described_proposals.record_id,
    described_proposals.profile_id,
    described_proposals.previous_profile_id,
    described_proposals.change,
    case
        when described_proposals.change = 'added' then 'new record'
        when described_proposals.change = 'removed' then 'removed record'
        when described_proposals.change is null then null
        when
            described_proposals.has_decided_record = 1
            and last_revision.rules_fingerprint <> {{ rules_fingerprint() }}
            then 'override'
        when described_proposals.change = 'merged' and described_proposals.has_new_record = 1
            then 'new record'
        when last_revision.rules_fingerprint <> {{ rules_fingerprint() }} then 'rule change'
        when described_proposals.change = 'split' and described_proposals.has_lost_record = 1
            then 'removed record'
        else 'changed value'
    end as cause,
    last_revision.revision + 1 as revision,
    {{ rules_fingerprint() }} as rules_fingerprint
from described_proposals
cross join last_revision
