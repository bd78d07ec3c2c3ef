-- Grain: profile_id, purpose. Whether a person consents to a purpose: the latest statement of each
-- record, then the most restrictive of the profile's records.
-- Leaves out purposes that nobody was asked about: no row means no consent. What held on a past day is in
-- features.consent_features.
with consents as (

    select * from {{ ref('consents') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

decisions as (

    {{ consent_decisions('consents', 'identity_map') }}

)

select
    profile_id,
    purpose,
    is_granted,
    record_id as decided_by_record_id,
    changed_at as decided_at
from decisions
