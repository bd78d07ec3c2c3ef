-- Grain: record_id, kind. What a record can be recognised by: its value as entered, normalised, as one
-- writes to it, and whether it may link the record to others, with the reason where it may not.
-- A value behind which more than one loyalty card, birth date or first name stands is a household's: it
-- links together with a first name (`email_and_name`, `phone_and_name`), not alone.
-- Leaves out names and birth dates as links of their own: they only tell people apart here.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_id') }}
with customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

blocklist as (

    select * from {{ ref('identifier_blocklist') }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

first_names as (

    select * from {{ ref('first_names') }} {{ unresolved() }}

),

phone_numbers as (

    select * from {{ ref('phone_numbers') }}

),

stated_identifiers as (

    {{ stated_identifiers('customer_records', 'phone_numbers') }}

),

stated_values as (

    select distinct kind, value
    from stated_identifiers
    where value is not null

),

blocked_values as (

    {{ blocked_values('stated_values', 'blocklist') }}

),

records_behind_stated_values as (

    select
        kind,
        value
    from stated_identifiers
    {%- if is_incremental() %}
    union all
    select
        others.kind,
        others.value
    from {{ this }} as others
    inner join stated_values
        on
            others.kind = stated_values.kind
            and others.value = stated_values.value
    where
        others.record_id not in ({{ ids_of_unresolved_records() }})
    {%- endif %}

),

-- They link nobody, and say nothing of anybody: neither which card stands behind a record nor whose name.
crowded_values as (

    select
        records_behind_stated_values.kind,
        records_behind_stated_values.value
    from records_behind_stated_values
    inner join rules on records_behind_stated_values.kind = rules.kind
    group by
        records_behind_stated_values.kind,
        records_behind_stated_values.value,
        rules.max_records_per_value
    having count(*) > rules.max_records_per_value

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
    left join crowded_values
        on
            stated_identifiers.kind = crowded_values.kind
            and stated_identifiers.value = crowded_values.value
    where
        stated_identifiers.value is not null
        and blocked_values.value is null
        and crowded_values.value is null

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

stated_evidence as (

    -- The initial: short forms that the seed does not know rarely change it.
    select
        record_id,
        'first_name' as evidence_kind,
        substring(first_name, 1, 1) as evidence
    from first_names
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

-- Phones and devices are shared more often than addresses, and by records without a name: an address
-- that is one person's tells whose they are.
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

shared_phones_and_devices as (

    select
        valid_identifiers.kind,
        valid_identifiers.value
    from valid_identifiers
    inner join evidence_by_email on valid_identifiers.record_id = evidence_by_email.record_id
    where valid_identifiers.kind in ('phone', 'device_id')
    group by valid_identifiers.kind, valid_identifiers.value, evidence_by_email.evidence_kind
    having count(distinct evidence_by_email.evidence) > 1

),

household_values as (

    select kind, value from shared_emails
    union
    select kind, value from shared_phones_and_devices

),

-- A household's address is one person's again where a first name stands beside it.
named_identifiers as (

    select
        valid_identifiers.record_id,
        valid_identifiers.kind || '_and_name' as kind,
        cast(null as {{ dbt.type_string() }}) as original_value,
        cast(null as {{ dbt.type_string() }}) as contact_value,
        valid_identifiers.value || ' ' || first_names.first_name as value
    from valid_identifiers
    inner join household_values
        on
            valid_identifiers.kind = household_values.kind
            and valid_identifiers.value = household_values.value
    inner join first_names on valid_identifiers.record_id = first_names.record_id
    where valid_identifiers.kind in ('email', 'phone')

),

all_identifiers as (

    select record_id, kind, original_value, contact_value, value from stated_identifiers
    union all
    select record_id, kind, original_value, contact_value, value from named_identifiers

),

all_crowded_values as (

    select kind, value from crowded_values
    union all
    select
        named_identifiers.kind,
        named_identifiers.value
    from named_identifiers
    inner join rules on named_identifiers.kind = rules.kind
    group by named_identifiers.kind, named_identifiers.value, rules.max_records_per_value
    having count(*) > rules.max_records_per_value

),

judged_identifiers as (

    select
        all_identifiers.record_id,
        all_identifiers.kind,
        all_identifiers.value,
        all_identifiers.original_value,
        case when all_identifiers.value is not null then all_identifiers.contact_value end
            as contact_value,
        case
            when all_identifiers.value is null then 'not valid'
            when blocked_values.value is not null then 'blocked'
            when all_crowded_values.value is not null then 'shared by too many records'
            when household_values.value is not null then 'shared in a household'
        end as rejection_reason
    from all_identifiers
    left join blocked_values
        on
            all_identifiers.kind = blocked_values.kind
            and all_identifiers.value = blocked_values.value
    left join all_crowded_values
        on
            all_identifiers.kind = all_crowded_values.kind
            and all_identifiers.value = all_crowded_values.value
    left join household_values
        on
            all_identifiers.kind = household_values.kind
            and all_identifiers.value = household_values.value

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
