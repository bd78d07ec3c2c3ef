-- Grain: kind, value, purpose. Whether an address or number itself may be used for a purpose, whoever
-- uses it now: of each record the latest statement that named it, and of each person who refuses the
-- refusal, for all that they can be reached by, or could be earlier: who tells one source of another address
-- may still read the first. Then the most restrictive of these. A refusal holds for every form of the mailbox
-- that is known (`a+x@d` refuses `a@d`), since what is sent to one who shares it reaches all; a grant for the
-- form that was named only. A number that names no country refuses what it is in every country of the
-- customers, and grants what it is in the deployment's own.
-- Values are those of profiles.contact_points.
-- Leaves out grants that named neither, and values that are not valid: no row decides nothing.
with consents as (

    select * from {{ ref('consents') }}

),

contact_points as (

    select * from {{ ref('contact_points') }}

),

profile_consents as (

    select * from {{ ref('profile_consents') }}

),

phone_numbers as (

    select * from {{ ref('phone_numbers') }}

),

readings_at_home as (

    select phone, value
    from phone_numbers
    where region = '{{ var("default_region") }}'

),

stated_values as (

    select
        consent_id,
        record_id,
        purpose,
        is_granted,
        changed_at,
        'email' as kind,
        {{ contact_email('email') }} as value,
        {{ normalised_email('email') }} as mailbox
    from consents
    where email is not null
    union all
    select
        consents.consent_id,
        consents.record_id,
        consents.purpose,
        consents.is_granted,
        consents.changed_at,
        'phone' as kind,
        readings_at_home.value,
        phone_numbers.value as mailbox
    from consents
    inner join phone_numbers on consents.phone = phone_numbers.phone
    left join readings_at_home on consents.phone = readings_at_home.phone

),

ranked_statements as (

    select
        kind,
        value,
        mailbox,
        purpose,
        is_granted,
        record_id,
        changed_at,
        row_number() over (
            partition by record_id, purpose, kind, value, mailbox
            -- Of two statements at one moment the refusal holds.
            order by changed_at desc, case when is_granted then 1 else 0 end, consent_id
        ) as recency
    from stated_values
    where mailbox is not null

),

latest_statements as (

    select kind, value, mailbox, purpose, is_granted, record_id, changed_at
    from ranked_statements
    where recency = 1

),

reachable_forms as (

    select
        profile_id,
        kind,
        value,
        case kind when 'email' then {{ normalised_email('value') }} else value end as mailbox
    from contact_points

),

statements as (

    select kind, value, mailbox, purpose, is_granted, record_id, changed_at
    from latest_statements
    union all
    select
        reachable_forms.kind,
        reachable_forms.value,
        reachable_forms.mailbox,
        profile_consents.purpose,
        profile_consents.is_granted,
        profile_consents.decided_by_record_id as record_id,
        profile_consents.decided_at as changed_at
    from reachable_forms
    inner join profile_consents on reachable_forms.profile_id = profile_consents.profile_id
    where not profile_consents.is_granted

),

known_forms as (

    select kind, value, mailbox from reachable_forms
    union
    select kind, value, mailbox from latest_statements
    where kind = 'email' or value = mailbox

),

statements_about_forms as (

    select
        known_forms.kind,
        known_forms.value,
        statements.purpose,
        statements.is_granted,
        statements.record_id,
        statements.changed_at,
        row_number() over (
            partition by known_forms.kind, known_forms.value, statements.purpose
            order by
                case when statements.is_granted then 1 else 0 end,
                statements.changed_at desc,
                statements.record_id
        ) as restrictiveness
    from known_forms
    inner join statements
        on
            known_forms.kind = statements.kind
            and known_forms.mailbox = statements.mailbox
    where not statements.is_granted or statements.value = known_forms.value

)

select
    kind,
    value,
    purpose,
    is_granted,
    record_id as decided_by_record_id,
    changed_at as decided_at
from statements_about_forms
where restrictiveness = 1
