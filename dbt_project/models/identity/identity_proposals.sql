-- Grain: record_id. The profile that each record is to belong to. An id stays with the cluster that holds
-- most of its records; where clusters have joined the oldest id stays; a cluster without one is named after
-- its earliest record.
-- Leaves out what that changes: that is identity.identity_pending_changes.
-- Waits for the scores: while one is below its bar, dbt leaves out this model and all that follows from it.
-- depends_on: {{ ref('identity_scores') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_unresolved',
    unique_key='record_number',
    pre_hook="{{ create_identity_history() }}",
    post_hook="{{ forget_pending_changes() }}"
) }}
with identity_clusters as (

    select * from {{ ref('identity_clusters') }} {{ unresolved() }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

-- The history is read for each purpose by itself: the engine holds a CTE that is read twice as a whole.
last_revision as (

    select coalesce(max(revision), 0) as revision from {{ held_history() }}

),

history_of_records as (

    select record_id, record_number, revision, profile_id from {{ held_history() }} {{ unresolved() }}

),

previous_assignments as (

    {{ assignments_of('history_of_records') }}

),

issued_profiles as (

    select
        profile_id,
        min(revision) as issued_in
    from {{ held_history() }}
    where
        profile_id in (
            select previous_assignments.profile_id from previous_assignments
            where {{ every_key('previous_assignments.profile_id') }}
        )
    group by profile_id

),

clustered_records as (

    select
        identity_clusters.record_id,
        identity_clusters.record_number,
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
    inner join customer_records on identity_clusters.record_number = customer_records.record_number
    left join previous_assignments on identity_clusters.record_number = previous_assignments.record_number

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

names_in_use as (

    select profile_id from kept_names
    {%- if is_incremental() %}
    union all
    select others.profile_id
    from {{ held_proposals() }} as others
    where
        others.record_number not in ({{ numbers_of_unresolved_records() }})
        and others.profile_id in (select nameless_records.profile_id from nameless_records)
    {%- endif %}

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
    where nameless_records.profile_id not in (select names_in_use.profile_id from names_in_use)

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

)

select
    clustered_records.record_id,
    clustered_records.record_number,
    named_clusters.profile_id
from clustered_records
inner join named_clusters on clustered_records.cluster_id = named_clusters.cluster_id
