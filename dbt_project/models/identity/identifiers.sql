-- Grain: record_id, kind. What a record can be recognised by: its value as entered, normalised, as one
-- writes to it, and whether it may link the record to others, with the reason where it may not.
-- A value behind which more than one loyalty card, birth date or first name stands is a household's.
-- Leaves out names and birth dates as links: they only tell people apart here.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

blocklist as (

    select * from {{ ref('identifier_blocklist') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

first_name_variants as (

    select * from {{ ref('first_name_variants') }}

),

stated_identifiers as (

    select
        record_id,
        'email' as kind,
        email as original_value,
        {{ contact_email('email') }} as contact_value,
        {{ normalised_email('email') }} as value
    from customer_records
    where email is not null
    union all
    select
        record_id,
        'phone' as kind,
        phone as original_value,
        {{ normalised_phone('phone') }} as contact_value,
        {{ normalised_phone('phone') }} as value
    from customer_records
    where phone is not null
    union all
    select
        record_id,
        'loyalty_id' as kind,
        loyalty_id as original_value,
        null as contact_value,
        upper(loyalty_id) as value
    from customer_records
    where loyalty_id is not null
    union all
    select
        record_id,
        'account_id' as kind,
        account_id as original_value,
        null as contact_value,
        account_id as value
    from customer_records
    where account_id is not null
    union all
    select
        record_id,
        'customer_id' as kind,
        customer_id as original_value,
        null as contact_value,
        customer_id as value
    from customer_records
    where customer_id is not null

),

stated_values as (

    select distinct kind, value
    from stated_identifiers
    where value is not null

),

blocked_literally as (

    select
        stated_values.kind,
        stated_values.value
    from stated_values
    inner join blocklist
        on
            stated_values.kind = blocklist.kind
            and stated_values.value = blocklist.value
    where blocklist.pattern_type = 'exact'

),

-- Only these may be read as expressions: a literal such as +1... is none.
blocked_patterns as (

    select
        kind,
        value as pattern
    from blocklist
    where pattern_type = 'regex'

),

blocked_by_pattern as (

    select
        stated_values.kind,
        stated_values.value
    from stated_values
    inner join blocked_patterns on stated_values.kind = blocked_patterns.kind
    where {{ matches_whole('stated_values.value', 'blocked_patterns.pattern') }}

),

blocked_values as (

    select kind, value from blocked_literally
    union
    select kind, value from blocked_by_pattern

),

valid_identifiers as (

    select
        stated_identifiers.record_id,
        stated_identifiers.kind,
        stated_identifiers.value
    from stated_identifiers
    left join blocked_values
        on
            stated_identifiers.kind = blocked_values.kind
            and stated_identifiers.value = blocked_values.value
    where stated_identifiers.value is not null and blocked_values.value is null

),

-- Ids that a system gave to one person: they say which card and which birth date stand behind a
-- record that has neither itself.
personal_identifiers as (

    select
        valid_identifiers.record_id,
        valid_identifiers.kind,
        valid_identifiers.value
    from valid_identifiers
    inner join rules on valid_identifiers.kind = rules.kind
    where rules.is_personal

),

-- Of a first name only the initial counts, of its full form: typing errors rarely hit it.
first_initials as (

    select
        customer_records.record_id,
        substring(
            coalesce(first_name_variants.name, lower(trim(customer_records.first_name))), 1, 1
        ) as initial
    from customer_records
    left join first_name_variants
        on lower(trim(customer_records.first_name)) = first_name_variants.variant
    where customer_records.first_name is not null

),

stated_evidence as (

    select record_id, 'first_name' as evidence_kind, initial as evidence
    from first_initials
    union all
    select
        record_id,
        'loyalty_id' as evidence_kind,
        value as evidence
    from valid_identifiers
    where kind = 'loyalty_id'
    union all
    select
        customer_records.record_id,
        'birth_date' as evidence_kind,
        cast(customer_records.birth_date as {{ dbt.type_string() }}) as evidence
    from customer_records
    where
        customer_records.birth_date is not null
        and cast(customer_records.birth_date as {{ dbt.type_string() }}) not in (
            select blocklist.value from blocklist
            where blocklist.kind = 'birth_date'
        )

),

evidence_of_values as (

    select distinct
        personal_identifiers.kind,
        personal_identifiers.value,
        stated_evidence.evidence_kind,
        stated_evidence.evidence
    from personal_identifiers
    inner join stated_evidence on personal_identifiers.record_id = stated_evidence.record_id

),

evidence as (

    select record_id, evidence_kind, evidence from stated_evidence
    union
    select
        personal_identifiers.record_id,
        evidence_of_values.evidence_kind,
        evidence_of_values.evidence
    from personal_identifiers
    inner join evidence_of_values
        on
            personal_identifiers.kind = evidence_of_values.kind
            and personal_identifiers.value = evidence_of_values.value

),

shared_emails as (

    select
        emails.kind,
        emails.value
    from valid_identifiers as emails
    inner join evidence on emails.record_id = evidence.record_id
    where emails.kind = 'email'
    group by emails.kind, emails.value, evidence.evidence_kind
    having count(distinct evidence.evidence) > 1

),

-- Phones are shared more often than addresses, and by records without a name: an address that is one
-- person's tells whose they are.
one_persons_emails as (

    select
        emails.record_id,
        emails.value
    from valid_identifiers as emails
    left join shared_emails on emails.value = shared_emails.value
    where emails.kind = 'email' and shared_emails.value is null

),

evidence_of_emails as (

    select distinct
        one_persons_emails.value,
        evidence.evidence_kind,
        evidence.evidence
    from one_persons_emails
    inner join evidence on one_persons_emails.record_id = evidence.record_id

),

evidence_by_email as (

    select record_id, evidence_kind, evidence from evidence
    union
    select
        one_persons_emails.record_id,
        evidence_of_emails.evidence_kind,
        evidence_of_emails.evidence
    from one_persons_emails
    inner join evidence_of_emails on one_persons_emails.value = evidence_of_emails.value

),

shared_phones as (

    select
        phones.kind,
        phones.value
    from valid_identifiers as phones
    inner join evidence_by_email on phones.record_id = evidence_by_email.record_id
    where phones.kind = 'phone'
    group by phones.kind, phones.value, evidence_by_email.evidence_kind
    having count(distinct evidence_by_email.evidence) > 1

),

household_values as (

    select kind, value from shared_emails
    union
    select kind, value from shared_phones

),

records_behind_values as (

    select
        kind,
        value,
        count(*) as record_count
    from valid_identifiers
    group by kind, value

),

judged_identifiers as (

    select
        stated_identifiers.record_id,
        stated_identifiers.kind,
        stated_identifiers.value,
        stated_identifiers.original_value,
        case when stated_identifiers.value is not null then stated_identifiers.contact_value end
            as contact_value,
        case
            when stated_identifiers.value is null then 'not valid'
            when blocked_values.value is not null then 'blocked'
            when records_behind_values.record_count > rules.max_records_per_value
                then 'shared by too many records'
            when household_values.value is not null then 'shared in a household'
        end as rejection_reason
    from stated_identifiers
    inner join rules on stated_identifiers.kind = rules.kind
    left join blocked_values
        on
            stated_identifiers.kind = blocked_values.kind
            and stated_identifiers.value = blocked_values.value
    left join records_behind_values
        on
            stated_identifiers.kind = records_behind_values.kind
            and stated_identifiers.value = records_behind_values.value
    left join household_values
        on
            stated_identifiers.kind = household_values.kind
            and stated_identifiers.value = household_values.value

)

select
    record_id,
    kind,
    value,
    original_value,
    contact_value,
    rejection_reason is null as is_usable,
    rejection_reason
from judged_identifiers
