-- Grain: profile_id, kind, value. Every e-mail address and phone number that a source has ever stated of a
-- profile, as one writes to it, not the mailbox by which records are linked; the primary one is the one of
-- profiles.profiles. One that its source has replaced by another since stays, as an earlier one: it links no
-- records and is never primary, but a refusal still holds for it (profiles.contact_point_consents).
-- An address has bounced, or was unsubscribed from, for everybody who shares it. An unsubscribe that names
-- no address counts for the one of its record.
-- Leaves out junk, values that are not valid, and those that too many records share to be anybody's, and
-- what may be sent there: that is profiles.contact_point_consents.
with identifiers as (

    select * from {{ ref('identifiers') }}

),

contact_statements as (

    select * from {{ ref('contact_statements') }}

),

phone_numbers as (

    select * from {{ ref('phone_numbers') }}

),

blocklist as (

    select * from {{ ref('identifier_blocklist') }}

),

identity_rules as (

    select * from {{ ref('identity_rules') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

profile_attributes as (

    select * from {{ ref('profile_attributes') }}

),

bounces as (

    select * from {{ ref('bounces') }}

),

consents as (

    select * from {{ ref('consents') }}

),

statements as (

    select
        record_id,
        kind,
        {{ contact_email('value') }} as contact_value,
        {{ normalised_email('value') }} as value,
        first_stated_at,
        last_stated_at,
        is_current
    from contact_statements
    where kind = 'email'
    union all
    select
        contact_statements.record_id,
        contact_statements.kind,
        phone_numbers.value as contact_value,
        phone_numbers.value,
        contact_statements.first_stated_at,
        contact_statements.last_stated_at,
        contact_statements.is_current
    from contact_statements
    inner join phone_numbers
        on
            contact_statements.value = phone_numbers.phone
            and {{ phone_region('contact_statements.country') }} = phone_numbers.region
    where contact_statements.kind = 'phone'

),

-- What no record states any more has no row in identifiers, and is judged here as it is there.
values_of_the_past as (

    select kind, value from statements
    where value is not null
    except
    select kind, value from identifiers

),

blocked_values as (

    {{ blocked_values('values_of_the_past', 'blocklist') }}

),

rejected_values as (

    select kind, value from identifiers
    where rejection_reason <> 'shared in a household' and value is not null
    union
    select kind, value from blocked_values
    union
    select
        statements.kind,
        statements.value
    from statements
    inner join values_of_the_past
        on
            statements.kind = values_of_the_past.kind
            and statements.value = values_of_the_past.value
    inner join identity_rules on statements.kind = identity_rules.kind
    group by statements.kind, statements.value, identity_rules.max_records_per_value
    having count(distinct statements.record_id) > identity_rules.max_records_per_value

),

contact_totals as (

    select
        identity_map.profile_id,
        statements.kind,
        statements.contact_value as value,
        count(distinct customer_records.source) as source_count,
        {{ dbt.listagg("distinct customer_records.source", "', '", "order by customer_records.source") }}
            as sources,
        min(statements.first_stated_at) as first_seen_at,
        max(statements.last_stated_at) as last_seen_at,
        max(case when statements.is_current then 1 else 0 end) = 1 as is_current
    from statements
    inner join identity_map on statements.record_id = identity_map.record_id
    inner join customer_records on statements.record_id = customer_records.record_id
    left join rejected_values
        on
            statements.kind = rejected_values.kind
            and statements.value = rejected_values.value
    where statements.value is not null and rejected_values.value is null
    group by identity_map.profile_id, statements.kind, statements.contact_value

),

bounced_values as (

    select distinct
        'email' as kind,
        {{ contact_email('email') }} as value
    from bounces

),

unsubscribed_values as (

    select distinct
        'email' as kind,
        coalesce({{ contact_email('consents.email') }}, identifiers.contact_value) as value
    from consents
    left join identifiers
        on
            consents.record_id = identifiers.record_id
            and identifiers.kind = 'email'
    where consents.is_unsubscribe

)

select
    contact_totals.profile_id,
    contact_totals.kind,
    contact_totals.value,
    contact_totals.source_count,
    contact_totals.sources,
    contact_totals.first_seen_at,
    contact_totals.last_seen_at,
    contact_totals.is_current,
    profile_attributes.value is not null as is_primary,
    bounced_values.value is not null as has_bounced,
    unsubscribed_values.value is not null as has_unsubscribed
from contact_totals
left join profile_attributes
    on
        contact_totals.profile_id = profile_attributes.profile_id
        and contact_totals.kind = profile_attributes.attribute
        and contact_totals.value = profile_attributes.value
left join bounced_values
    on
        contact_totals.kind = bounced_values.kind
        and contact_totals.value = bounced_values.value
left join unsubscribed_values
    on
        contact_totals.kind = unsubscribed_values.kind
        and contact_totals.value = unsubscribed_values.value
