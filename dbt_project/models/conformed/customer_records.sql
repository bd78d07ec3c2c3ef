-- Grain: record_id. What each source knows of a person: one row per entity that stands for one.
-- Contact data are as entered: identity.identifiers has them normalised.
-- Leaves out who is who, orders by an account and receipts with a loyalty card (they belong to the
-- account's and the member's record), and receipts that name nobody.
with customers as (

    select * from {{ ref('stg_crm__customers') }}

),

accounts as (

    select * from {{ ref('stg_ecommerce__accounts') }}

),

online_orders as (

    select * from {{ ref('stg_ecommerce__orders') }}

),

receipts as (

    select * from {{ ref('stg_store__receipts') }}

),

members as (

    select * from {{ ref('stg_loyalty__members') }}

),

points as (

    select * from {{ ref('stg_loyalty__points') }}

),

redemptions as (

    select * from {{ ref('stg_loyalty__redemptions') }}

),

web_events as (

    select * from {{ ref('stg_web__events') }}

),

email_events as (

    select * from {{ ref('stg_email__engagements') }}

),

workouts as (

    select * from {{ ref('stg_fitness__workouts') }}

),

tickets as (

    select * from {{ ref('stg_support__tickets') }}

),

surveys as (

    select * from {{ ref('stg_support__surveys') }}

),

preference_statements as (

    select * from {{ ref('stg_preferences__consents') }}

),

account_appearances as (

    select account_id, ordered_at as occurred_at from online_orders
    where account_id is not null
    union all
    select account_id, occurred_at from web_events
    where account_id is not null

),

-- An account that only its traces show still is a record, so that no fact dangles.
unknown_accounts as (

    select
        account_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as updated_at
    from account_appearances
    where account_id not in (select accounts.account_id from accounts)
    group by account_id

),

member_appearances as (

    select loyalty_id, purchased_at as occurred_at from receipts
    where loyalty_id is not null
    union all
    select loyalty_id, recorded_at as occurred_at from points
    where loyalty_id is not null
    union all
    select loyalty_id, cast(redeemed_on as timestamp) as occurred_at from redemptions
    where loyalty_id is not null

),

unknown_members as (

    select
        loyalty_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as updated_at
    from member_appearances
    where loyalty_id not in (select members.loyalty_id from members)
    group by loyalty_id

),

-- A device on which several accounts logged in is nobody's.
devices as (

    select
        device_id,
        case when count(distinct account_id) = 1 then min(account_id) end as account_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as updated_at
    from web_events
    where device_id is not null
    group by device_id

),

subscriber_addresses as (

    select
        subscriber_id,
        email,
        min(occurred_at) over (partition by subscriber_id) as first_seen_at,
        max(occurred_at) over (partition by subscriber_id) as updated_at,
        row_number() over (
            partition by subscriber_id
            order by case when email is null then 1 else 0 end, occurred_at desc, event_id desc
        ) as recency
    from email_events

),

subscribers as (

    select subscriber_id, email, first_seen_at, updated_at
    from subscriber_addresses
    where recency = 1

),

fitness_user_addresses as (

    select
        user_id,
        email,
        min(started_at) over (partition by user_id) as first_seen_at,
        max(started_at) over (partition by user_id) as updated_at,
        row_number() over (
            partition by user_id
            order by case when email is null then 1 else 0 end, started_at desc, workout_id desc
        ) as recency
    from workouts

),

fitness_users as (

    select user_id, email, first_seen_at, updated_at
    from fitness_user_addresses
    where recency = 1

),

subject_contacts as (

    select
        subject_id,
        first_value(email) over (
            partition by subject_id
            order by case when email is null then 1 else 0 end, changed_at desc, consent_id desc
        ) as email,
        first_value(phone) over (
            partition by subject_id
            order by case when phone is null then 1 else 0 end, changed_at desc, consent_id desc
        ) as phone,
        min(changed_at) over (partition by subject_id) as first_seen_at,
        max(changed_at) over (partition by subject_id) as updated_at
    from preference_statements

),

subjects as (

    select distinct subject_id, email, phone, first_seen_at, updated_at
    from subject_contacts

),

all_records as (

    select
        {{ record_id('crm__customers', 'customer_id') }} as record_id,
        'crm__customers' as source,
        customer_id as source_record_id,
        first_name,
        last_name,
        email,
        phone,
        birth_date,
        gender,
        street,
        postcode,
        city,
        country,
        customer_id,
        loyalty_id,
        cast(null as {{ dbt.type_string() }}) as account_id,
        income_band,
        household_size,
        home_ownership,
        marital_status,
        kids_count,
        cast(null as {{ dbt.type_string() }}) as loyalty_tier,
        created_at as first_seen_at,
        updated_at
    from customers

    union all

    select
        {{ record_id('ecommerce__accounts', 'account_id') }} as record_id,
        'ecommerce__accounts' as source,
        account_id as source_record_id,
        first_name,
        last_name,
        email,
        phone,
        birth_date,
        null as gender,
        street,
        postcode,
        city,
        country,
        null as customer_id,
        loyalty_id,
        account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        created_at as first_seen_at,
        updated_at
    from accounts

    union all

    select
        {{ record_id('ecommerce__accounts', 'account_id') }} as record_id,
        'ecommerce__accounts' as source,
        account_id as source_record_id,
        null as first_name,
        null as last_name,
        null as email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from unknown_accounts

    union all

    select
        {{ record_id('ecommerce__orders', 'order_id') }} as record_id,
        'ecommerce__orders' as source,
        order_id as source_record_id,
        first_name,
        last_name,
        email,
        phone,
        null as birth_date,
        null as gender,
        street,
        postcode,
        city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        ordered_at as first_seen_at,
        ordered_at as updated_at
    from online_orders
    where account_id is null

    union all

    select
        {{ record_id('store__receipts', 'receipt_id') }} as record_id,
        'store__receipts' as source,
        receipt_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        purchased_at as first_seen_at,
        purchased_at as updated_at
    from receipts
    where loyalty_id is null and email is not null

    union all

    select
        {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
        'loyalty__members' as source,
        loyalty_id as source_record_id,
        first_name,
        last_name,
        email,
        phone,
        birth_date,
        null as gender,
        null as street,
        postcode,
        null as city,
        null as country,
        null as customer_id,
        loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        tier as loyalty_tier,
        joined_at as first_seen_at,
        updated_at
    from members

    union all

    select
        {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
        'loyalty__members' as source,
        loyalty_id as source_record_id,
        null as first_name,
        null as last_name,
        null as email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from unknown_members

    union all

    select
        {{ record_id('web__devices', 'device_id') }} as record_id,
        'web__devices' as source,
        device_id as source_record_id,
        null as first_name,
        null as last_name,
        null as email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from devices

    union all

    select
        {{ record_id('email__subscribers', 'subscriber_id') }} as record_id,
        'email__subscribers' as source,
        subscriber_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from subscribers

    union all

    select
        {{ record_id('fitness__users', 'user_id') }} as record_id,
        'fitness__users' as source,
        user_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from fitness_users

    union all

    select
        {{ record_id('support__tickets', 'ticket_id') }} as record_id,
        'support__tickets' as source,
        ticket_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        created_at as first_seen_at,
        created_at as updated_at
    from tickets

    union all

    select
        {{ record_id('support__surveys', 'survey_id') }} as record_id,
        'support__surveys' as source,
        survey_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        null as phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        answered_at as first_seen_at,
        answered_at as updated_at
    from surveys

    union all

    select
        {{ record_id('preferences__subjects', 'subject_id') }} as record_id,
        'preferences__subjects' as source,
        subject_id as source_record_id,
        null as first_name,
        null as last_name,
        email,
        phone,
        null as birth_date,
        null as gender,
        null as street,
        null as postcode,
        null as city,
        null as country,
        null as customer_id,
        null as loyalty_id,
        null as account_id,
        null as income_band,
        null as household_size,
        null as home_ownership,
        null as marital_status,
        null as kids_count,
        null as loyalty_tier,
        first_seen_at,
        updated_at
    from subjects

)

select
    record_id,
    source,
    source_record_id,
    first_name,
    last_name,
    email,
    phone,
    birth_date,
    gender,
    street,
    postcode,
    city,
    country,
    customer_id,
    loyalty_id,
    account_id,
    income_band,
    household_size,
    home_ownership,
    marital_status,
    kids_count,
    loyalty_tier,
    first_seen_at,
    updated_at
from all_records
