-- Grain: profile_id, kind, value. Every e-mail address and phone number of a profile, as one writes to
-- it, not the mailbox by which records are linked; the primary one is the one of profiles.profiles.
-- Leaves out junk, values that are not valid, and those that too many records share to be anybody's.
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

contact_totals as (

    select
        identity_map.profile_id,
        identifiers.kind,
        identifiers.contact_value as value,
        count(distinct customer_records.source) as source_count,
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

)

select
    contact_totals.profile_id,
    contact_totals.kind,
    contact_totals.value,
    contact_totals.source_count,
    contact_totals.first_seen_at,
    contact_totals.last_seen_at,
    profile_attributes.value is not null as is_primary
from contact_totals
left join profile_attributes
    on
        contact_totals.profile_id = profile_attributes.profile_id
        and contact_totals.kind = profile_attributes.attribute
        and contact_totals.value = profile_attributes.value
