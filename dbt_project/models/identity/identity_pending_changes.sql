-- Grain: record_id. Where the proposals differ from the map as it is held, and why: what the next run of
-- identity.identity_history takes over, open to tests and people before it does. Empty afterwards.
-- Leaves out records that stay where they are.
with identity_proposals as (

    select * from {{ ref('identity_proposals') }}
    where record_number in ({{ numbers_of_unresolved_records() }})

),

overrides as (

    select * from {{ ref('identity_overrides') }}

),

records_behind_fuzzy_links as (

    select * from {{ ref('records_behind_fuzzy_links') }}

),

-- The history is read for each purpose by itself: the engine holds a CTE that is read twice as a whole.
last_revision as (

    select
        coalesce(max(revision), 0) as revision,
        max_by(rules_fingerprint, revision) as rules_fingerprint
    from {{ held_history() }}

),

-- The last revision tells what a run did that stopped after it, the records what one did that changed nobody.
rule_changes as (

    select
        coalesce(last_revision.rules_fingerprint <> {{ rules_fingerprint() }}, false)
        and coalesce(max(held.rules_fingerprint) <> {{ rules_fingerprint() }}, true) as is_rule_change
    from last_revision
    left join {{ held_resolutions() }} as held on 1 = 1
    group by last_revision.rules_fingerprint

),

history_of_records as (

    select record_id, record_number, revision, profile_id
    from {{ held_history() }}
    where record_number in ({{ numbers_of_unresolved_records() }})

),

previous_assignments as (

    {{ assignments_of('history_of_records') }}

),

decided_records as (

    select record_id_a as record_id from overrides
    union
    select record_id_b as record_id from overrides

),

changes as (

    select
        coalesce(identity_proposals.record_id, previous_assignments.record_id) as record_id,
        coalesce(identity_proposals.record_number, previous_assignments.record_number) as record_number,
        identity_proposals.profile_id,
        previous_assignments.profile_id as previous_profile_id,
        max(case when previous_assignments.record_id is null then 1 else 0 end)
            over (partition by identity_proposals.profile_id) as has_new_record,
        max(case when identity_proposals.record_id is null then 1 else 0 end)
            over (partition by previous_assignments.profile_id) as has_lost_record,
        max(case when decided_records.record_id is not null then 1 else 0 end)
            over (partition by previous_assignments.profile_id) as has_decided_record,
        least(
            min(case when records_behind_fuzzy_links.record_number is not null then 1 else 0 end)
                over (partition by identity_proposals.profile_id),
            min(case when records_behind_fuzzy_links.record_number is not null then 1 else 0 end)
                over (partition by previous_assignments.profile_id)
        ) as has_only_fuzzy_links
    from identity_proposals
    full outer join previous_assignments
        on identity_proposals.record_number = previous_assignments.record_number
    left join decided_records on identity_proposals.record_id = decided_records.record_id
    left join records_behind_fuzzy_links
        on identity_proposals.record_number = records_behind_fuzzy_links.record_number

),

living_profiles as (

    select distinct profile_id
    from identity_proposals

),

described_changes as (

    select
        changes.record_id,
        changes.record_number,
        changes.profile_id,
        changes.previous_profile_id,
        changes.has_new_record,
        changes.has_lost_record,
        changes.has_decided_record,
        changes.has_only_fuzzy_links,
        case
            when changes.previous_profile_id is null then 'added'
            when changes.profile_id is null then 'removed'
            when living_profiles.profile_id is null then 'merged'
            else 'split'
        end as change
    from changes
    left join living_profiles on changes.previous_profile_id = living_profiles.profile_id
    where
        changes.previous_profile_id is null
        or changes.profile_id is null
        or changes.profile_id <> changes.previous_profile_id

)

select
    described_changes.record_id,
    described_changes.record_number,
    described_changes.profile_id,
    described_changes.previous_profile_id,
    described_changes.change,
    case
        when described_changes.change = 'added' then 'new record'
        when described_changes.change = 'removed' then 'removed record'
        when
            described_changes.has_decided_record = 1
            and rule_changes.is_rule_change
            then 'override'
        when described_changes.change = 'merged' and described_changes.has_new_record = 1
            then 'new record'
        when rule_changes.is_rule_change then 'rule change'
        when described_changes.change = 'split' and described_changes.has_lost_record = 1
            then 'removed record'
        when described_changes.has_only_fuzzy_links = 1 then 'fuzzy match'
        else 'changed value'
    end as cause,
    last_revision.revision + 1 as revision,
    {{ rules_fingerprint() }} as rules_fingerprint
from described_changes
cross join last_revision
cross join rule_changes
