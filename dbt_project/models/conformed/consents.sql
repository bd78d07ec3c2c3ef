-- Grain: consent_id. Statements of consent, all of them over time: those made at the preference
-- centre, and unsubscribing from e-mail, which withdraws the consent to e-mail marketing.
-- Leaves out which statement holds today: for a person that is profiles.profile_consents, for an
-- address or number profiles.contact_point_consents.
with preference_statements as (

    select * from {{ ref('stg_preferences__consents') }}

),

email_events as (

    select * from {{ ref('stg_email__engagements') }}

)

select
    'preferences:' || consent_id as consent_id,
    {{ record_id('preferences__subjects', 'subject_id') }} as record_id,
    email,
    phone,
    purpose,
    is_granted,
    changed_at,
    false as is_unsubscribe,
    'preferences' as source
from preference_statements

union all

select
    'email:' || event_id as consent_id,
    {{ record_id('email__subscribers', 'subscriber_id') }} as record_id,
    email,
    null as phone,
    'email_marketing' as purpose,
    false as is_granted,
    occurred_at as changed_at,
    true as is_unsubscribe,
    'email' as source
from email_events
where event_type = 'unsubscribed'
