-- Grain: profile_id, purpose. Whether a person consents to a purpose: the latest statement of each
-- record, then the most restrictive of the profile's records.
-- Leaves out purposes that nobody was asked about: no row means no consent.
with consents as (

    select * from {{ ref('consents') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

ranked_statements as (

    select
        record_id,
        purpose,
        is_granted,
        changed_at,
        row_number() over (
            partition by record_id, purpose
            -- Of two statements at one moment the refusal holds.
            order by changed_at desc, case when is_granted then 1 else 0 end, consent_id
        ) as recency
    from consents

),

ranked_decisions as (

    select
        identity_map.profile_id,
        ranked_statements.purpose,
        ranked_statements.is_granted,
        ranked_statements.record_id,
        ranked_statements.changed_at,
        row_number() over (
            partition by identity_map.profile_id, ranked_statements.purpose
            order by
                case when ranked_statements.is_granted then 1 else 0 end,
                ranked_statements.changed_at desc,
                ranked_statements.record_id
        ) as restrictiveness
    from ranked_statements
    inner join identity_map on ranked_statements.record_id = identity_map.record_id
    where ranked_statements.recency = 1

)

select
    profile_id,
    purpose,
    is_granted,
    record_id as decided_by_record_id,
    changed_at as decided_at
from ranked_decisions
where restrictiveness = 1
