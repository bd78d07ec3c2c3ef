-- Grain: record_id, kind, value, country. What each source has ever stated that one can reach a record by, as
-- entered, from when on and until when. A source that changes its rows stated it on the days of its changes,
-- one that tells of events with each of them, any other with the record itself. What the first row known of a
-- record states counts from the record's beginning.
-- Does not judge what is valid, blocked or shared by too many: profiles.contact_points does.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

customers as (

    select * from {{ ref('stg_crm__customer_versions') }}

),

accounts as (

    select * from {{ ref('stg_ecommerce__account_versions') }}

),

members as (

    select * from {{ ref('stg_loyalty__member_versions') }}

),

email_events as (

    select * from {{ ref('stg_email__engagements') }}

),

workouts as (

    select * from {{ ref('stg_fitness__workouts') }}

),

preference_statements as (

    select * from {{ ref('stg_preferences__consents') }}

),

statements_over_time as (

    select
        {{ record_id('crm__customers', 'customer_id') }} as record_id,
        email,
        phone,
        country,
        case
            when landed_on = min(landed_on) over (partition by customer_id) then created_at
            else updated_at
        end as stated_from,
        updated_at as stated_at
    from customers
    union all
    select
        {{ record_id('ecommerce__accounts', 'account_id') }} as record_id,
        email,
        phone,
        country,
        case
            when landed_on = min(landed_on) over (partition by account_id) then created_at
            else updated_at
        end as stated_from,
        updated_at as stated_at
    from accounts
    union all
    select
        {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
        email,
        phone,
        null as country,
        case
            when landed_on = min(landed_on) over (partition by loyalty_id) then joined_at
            else updated_at
        end as stated_from,
        updated_at as stated_at
    from members
    union all
    select
        {{ record_id('email__subscribers', 'subscriber_id') }} as record_id,
        email,
        null as phone,
        null as country,
        occurred_at as stated_from,
        occurred_at as stated_at
    from email_events
    union all
    select
        {{ record_id('fitness__users', 'user_id') }} as record_id,
        email,
        null as phone,
        null as country,
        started_at as stated_from,
        started_at as stated_at
    from workouts
    union all
    select
        {{ record_id('preferences__subjects', 'subject_id') }} as record_id,
        email,
        phone,
        null as country,
        changed_at as stated_from,
        changed_at as stated_at
    from preference_statements

),

statements as (

    select record_id, email, phone, country, stated_from, stated_at, false as is_record
    from statements_over_time
    union all
    select
        record_id,
        email,
        phone,
        country,
        first_seen_at as stated_from,
        updated_at as stated_at,
        true as is_record
    from customer_records

),

contacts as (

    select record_id, 'email' as kind, email as value, null as country, stated_from, stated_at, is_record
    from statements
    where email is not null
    union all
    select record_id, 'phone' as kind, phone as value, country, stated_from, stated_at, is_record
    from statements
    where phone is not null

)

-- The record's own times are those of all that it says: they count where nothing tells of this alone.
select
    record_id,
    kind,
    value,
    country,
    coalesce(min(case when not is_record then stated_from end), min(stated_from)) as first_stated_at,
    coalesce(max(case when not is_record then stated_at end), max(stated_at)) as last_stated_at,
    max(case when is_record then 1 else 0 end) = 1 as is_current
from contacts
group by record_id, kind, value, country
