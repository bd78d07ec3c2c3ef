-- Grain: kind, value, purpose. Whether an address or number itself may be used for a purpose, whoever
-- uses it now: of each record the latest statement that named it, then the most restrictive of these;
-- a refusal holds for every form of the mailbox that is known (`a+x@d` refuses `a@d`), a grant for
-- the form that was named only. Values are those of profiles.contact_points.
-- Leaves out statements that named neither, and values that are not valid: no row decides nothing.
with consents as (

    select * from {{ ref('consents') }}

),

contact_points as (

    select * from {{ ref('contact_points') }}

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
        consent_id,
        record_id,
        purpose,
        is_granted,
        changed_at,
        'phone' as kind,
        {{ normalised_phone('phone') }} as value,
        {{ normalised_phone('phone') }} as mailbox
    from consents
    where phone is not null

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
            partition by record_id, purpose, kind, value
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

known_forms as (

    select
        kind,
        value,
        case kind when 'email' then {{ normalised_email('value') }} else value end as mailbox
    from contact_points
    union
    select kind, value, mailbox
    from latest_statements

),

statements_about_forms as (

    select
        known_forms.kind,
        known_forms.value,
        latest_statements.purpose,
        latest_statements.is_granted,
        latest_statements.record_id,
        latest_statements.changed_at,
        row_number() over (
            partition by known_forms.kind, known_forms.value, latest_statements.purpose
            order by
                case when latest_statements.is_granted then 1 else 0 end,
                latest_statements.changed_at desc,
                latest_statements.record_id
        ) as restrictiveness
    from known_forms
    inner join latest_statements
        on
            known_forms.kind = latest_statements.kind
            and known_forms.mailbox = latest_statements.mailbox
    where not latest_statements.is_granted or latest_statements.value = known_forms.value

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
