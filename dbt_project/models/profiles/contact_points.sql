-- Grain: profile_id, kind, value. Every e-mail address and phone number of a profile, as one writes to
-- it, not the mailbox by which records are linked; the primary one is the one of profiles.profiles.
-- An address has bounced, or was unsubscribed from, for everybody who shares it. An unsubscribe that names
-- no address counts for the one of its record.
-- Leaves out junk, values that are not valid, and those that too many records share to be anybody's, and
-- what may be sent there: that is profiles.contact_point_consents.
with identifiers as (

    select * from {{ ref('identifiers') }}

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

contact_totals as (

    select
        identity_map.profile_id,
        identifiers.kind,
        identifiers.contact_value as value,
        count(distinct customer_records.source) as source_count,
        {{ dbt.listagg("distinct customer_records.source", "', '", "order by customer_records.source") }}
            as sources,
        min(customer_records.first_seen_at) as first_seen_at,
        max(customer_records.updated_at) as last_seen_at
    from identifiers
    inner join identity_map on identifiers.record_id = identity_map.record_id
    inner join customer_records on identifiers.record_id = customer_records.record_id
    where
        identifiers.kind in ('email', 'phone')
        and identifiers.contact_value is not null
        and (
            identifiers.rejection_reason is null
            or identifiers.rejection_reason = 'shared in a household'
        )
    group by identity_map.profile_id, identifiers.kind, identifiers.contact_value

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
