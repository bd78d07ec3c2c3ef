-- Grain: record_id, kind. What a record can be recognised by: its value as entered, normalised, as one
-- writes to it, and whether it may link the record to others, with the reason where it may not.
-- A value behind which more than one loyalty card, birth date or first name stands is a household's: it
-- links together with a first name (`email_and_name`, `phone_and_name`), not alone. First names that are
-- alike or may be forms of one count as one: see the macro unlike_first_names.
-- Record and value are there as numbers too, since most of the stage groups and joins by them.
-- Leaves out names and birth dates as links of their own: they only tell people apart here.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
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

first_name_variants as (

    select * from {{ ref('first_name_variants') }}

),

phone_numbers as (

    select * from {{ ref('phone_numbers') }}

),

stated_identifiers as (

    {{ stated_identifiers('customer_records', 'phone_numbers') }}

),

numbered_identifiers as (

    select
        record_id,
        record_number,
        kind,
        original_value,
        contact_value,
        value,
        case when value is not null then {{ hash_number(['kind', 'value']) }} end as value_number
    from stated_identifiers

),

stated_values as (

    select
        any_value(kind) as kind,
        any_value(value) as value
    from numbered_identifiers
    where value_number is not null
    group by value_number

),

blocked_texts as (

    {{ blocked_values('stated_values', 'blocklist') }}

),

blocked_values as (

    select {{ hash_number(['kind', 'value']) }} as value_number
    from blocked_texts

),

records_behind_stated_values as (

    select
        kind,
        value_number
    from numbered_identifiers
    where value_number is not null
    {%- if is_incremental() %}
    union all
    select
        others.kind,
        others.value_number
    from {{ held_identifiers() }} as others
    where
        others.value_number in (
            select numbered_identifiers.value_number from numbered_identifiers
            where {{ every_key('numbered_identifiers.value_number') }}
        )
        and others.record_number not in ({{ numbers_of_unresolved_records() }})
    {%- endif %}

),

-- They link nobody, and say nothing of anybody: neither which card stands behind a record nor whose name.
crowded_values as (

    select records_behind_stated_values.value_number
    from records_behind_stated_values
    inner join rules on records_behind_stated_values.kind = rules.kind
    group by records_behind_stated_values.value_number, rules.max_records_per_value
    having count(*) > rules.max_records_per_value

),

valid_identifiers as (

    select
        record_number,
        kind,
        value_number
    from numbered_identifiers
    where
        value_number is not null
        and value_number not in (select blocked_values.value_number from blocked_values)
        and value_number not in (select crowded_values.value_number from crowded_values)

),

-- Ids that a system gave to one person: they say which card and which birth date stand behind a
-- record that has neither itself.
personal_identifiers as (

    select
        valid_identifiers.record_number,
        valid_identifiers.value_number
    from valid_identifiers
    inner join rules on valid_identifiers.kind = rules.kind
    where rules.is_personal

),

stated_names as (

    select distinct stated_first_name as name
    from first_names

),

numbered_names as (

    select
        name,
        {{ hash_number(['name']) }} as evidence
    from stated_names

),

stated_evidence as (

    select
        record_number,
        'first_name' as evidence_kind,
        {{ hash_number(['stated_first_name']) }} as evidence
    from first_names
    union all
    select
        record_number,
        'loyalty_id' as evidence_kind,
        value_number as evidence
    from valid_identifiers
    where kind = 'loyalty_id'
    union all
    select
        record_number,
        'birth_date' as evidence_kind,
        {{ hash_number(['birth_date']) }} as evidence
    from customer_records
    where
        birth_date is not null
        and cast(birth_date as {{ dbt.type_string() }}) not in (
            select blocklist.value from blocklist
            where blocklist.kind = 'birth_date'
        )

),

evidence_of_values as (

    select distinct
        personal_identifiers.value_number,
        stated_evidence.evidence_kind,
        stated_evidence.evidence
    from personal_identifiers
    inner join stated_evidence on personal_identifiers.record_number = stated_evidence.record_number

),

evidence as (

    select record_number, evidence_kind, evidence from stated_evidence
    union
    select
        personal_identifiers.record_number,
        evidence_of_values.evidence_kind,
        evidence_of_values.evidence
    from personal_identifiers
    inner join evidence_of_values on personal_identifiers.value_number = evidence_of_values.value_number

),

emails as (

    select
        record_number,
        value_number
    from valid_identifiers
    where kind = 'email'

),

shared_emails as (

    {{ values_of_several_people('emails', 'evidence', 'numbered_names', 'first_name_variants') }}

),

-- Phones and devices are shared more often than addresses, and by records without a name: an address
-- that is one person's tells whose they are.
one_persons_emails as (

    select
        record_number,
        value_number
    from emails
    where value_number not in (select shared_emails.value_number from shared_emails)

),

evidence_of_emails as (

    select distinct
        one_persons_emails.value_number,
        evidence.evidence_kind,
        evidence.evidence
    from one_persons_emails
    inner join evidence on one_persons_emails.record_number = evidence.record_number

),

evidence_by_email as (

    select record_number, evidence_kind, evidence from evidence
    union all
    select
        one_persons_emails.record_number,
        evidence_of_emails.evidence_kind,
        evidence_of_emails.evidence
    from one_persons_emails
    inner join evidence_of_emails on one_persons_emails.value_number = evidence_of_emails.value_number

),

phones_and_devices as (

    select
        record_number,
        value_number
    from valid_identifiers
    where kind in ('phone', 'device_id')

),

shared_phones_and_devices as (

    {{ values_of_several_people(
        'phones_and_devices', 'evidence_by_email', 'numbered_names', 'first_name_variants'
    ) }}

),

household_values as (

    select value_number from shared_emails
    union
    select value_number from shared_phones_and_devices

),

-- A household's address is one person's again where a first name stands beside it.
named_values as (

    select
        numbered_identifiers.record_id,
        numbered_identifiers.record_number,
        numbered_identifiers.kind || '_and_name' as kind,
        cast(null as {{ dbt.type_string() }}) as original_value,
        cast(null as {{ dbt.type_string() }}) as contact_value,
        numbered_identifiers.value || ' ' || first_names.first_name as value
    from numbered_identifiers
    inner join household_values on numbered_identifiers.value_number = household_values.value_number
    inner join first_names on numbered_identifiers.record_number = first_names.record_number
    where numbered_identifiers.kind in ('email', 'phone')

),

named_identifiers as (

    select
        record_id,
        record_number,
        kind,
        original_value,
        contact_value,
        value,
        {{ hash_number(['kind', 'value']) }} as value_number
    from named_values

),

all_identifiers as (

    select * from numbered_identifiers
    union all
    select * from named_identifiers

),

all_crowded_values as (

    select value_number from crowded_values
    union all
    select named_identifiers.value_number
    from named_identifiers
    inner join rules on named_identifiers.kind = rules.kind
    group by named_identifiers.value_number, rules.max_records_per_value
    having count(*) > rules.max_records_per_value

),

judged_identifiers as (

    select
        all_identifiers.record_id,
        all_identifiers.record_number,
        all_identifiers.kind,
        all_identifiers.value,
        all_identifiers.value_number,
        all_identifiers.original_value,
        case when all_identifiers.value is not null then all_identifiers.contact_value end
            as contact_value,
        case
            when all_identifiers.value is null then 'not valid'
            when blocked_values.value_number is not null then 'blocked'
            when all_crowded_values.value_number is not null then 'shared by too many records'
            when household_values.value_number is not null then 'shared in a household'
        end as rejection_reason
    from all_identifiers
    left join blocked_values on all_identifiers.value_number = blocked_values.value_number
    left join all_crowded_values on all_identifiers.value_number = all_crowded_values.value_number
    left join household_values on all_identifiers.value_number = household_values.value_number

)

select
    record_id,
    record_number,
    kind,
    value,
    value_number,
    original_value,
    contact_value,
    rejection_reason is null as is_usable,
    rejection_reason
from judged_identifiers
