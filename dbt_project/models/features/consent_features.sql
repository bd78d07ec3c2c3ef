-- Grain: profile_id, as_of. What a person had consented to by the end of the day, by the rule of
-- profiles.profile_consents: of each record the latest statement up to then, then the most restrictive one.
-- Leaves out what single addresses may be used for, and what was said later: whom audiences may be delivered
-- to is decided by what is known now.
with profiles as (

    select * from {{ ref('profiles') }}

),

consents as (

    select * from {{ ref('consents') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

described_profiles as (

    {{ described_profiles() }}

),

decisions as (

    {{ consent_decisions('consents', 'identity_map', until=as_of_date()) }}

),

decisions_by_purpose as (

    select
        profile_id,
        max(case when purpose = 'email_marketing' then is_granted end) as has_email_marketing_consent,
        max(case when purpose = 'sms_marketing' then is_granted end) as has_sms_marketing_consent,
        max(case when purpose = 'advertising' then is_granted end) as has_advertising_consent
    from decisions
    group by profile_id

)

select
    described_profiles.profile_id,
    decisions_by_purpose.has_email_marketing_consent,
    decisions_by_purpose.has_sms_marketing_consent,
    decisions_by_purpose.has_advertising_consent,
    described_profiles.as_of
from described_profiles
left join decisions_by_purpose on described_profiles.profile_id = decisions_by_purpose.profile_id
