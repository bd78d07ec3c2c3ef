{%- set custom = custom_attributes(ref('profile_attribute_rules'), [
    ref('stg_crm__customers'), ref('stg_ecommerce__accounts'), ref('stg_store__receipts'), ref('stg_loyalty__members'),
    ref('stg_support__tickets'), ref('stg_support__surveys'),
]) -%}
-- Grain: record_id. What each source knows of a person: one row per entity that stands for one.
-- Contact data are as entered: identity.identifiers has them normalised. Attributes that the seed
-- profile_attribute_rules names beyond the columns here come as they are called in the staging models.
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

reviews as (

    select * from {{ ref('stg_ecommerce__reviews') }}

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
    union all
    select account_id, reviewed_at as occurred_at from reviews
    where account_id is not null

),

-- An account that only its traces show still is a record, so that no fact dangles.
unknown_accounts as (

    select
        account_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as updated_at
    from account_appearances
    where
        not exists (
            select 1 from accounts
            where accounts.account_id = account_appearances.account_id
        )
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
    where
        not exists (
            select 1 from members
            where members.loyalty_id = member_appearances.loyalty_id
        )
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

checkout_devices as (

    select
        order_id,
        min(device_id) as device_id
    from web_events
    where order_id is not null and device_id is not null
    group by order_id
    having count(distinct device_id) = 1

),

guest_orders as (

    select
        online_orders.order_id,
        online_orders.first_name,
        online_orders.last_name,
        online_orders.email,
        online_orders.phone,
        online_orders.street,
        online_orders.postcode,
        online_orders.city,
        online_orders.ordered_at,
        checkout_devices.device_id
    from online_orders
    left join checkout_devices on online_orders.order_id = checkout_devices.order_id
    where online_orders.account_id is null

),

-- Being mailed states no address: it counts as stated when it was first seen with the subscriber.
subscriber_addresses as (

    select
        subscriber_id,
        email,
        min(occurred_at) over (partition by subscriber_id) as first_seen_at,
        min(occurred_at) over (partition by subscriber_id, lower(email)) as updated_at,
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
        min(started_at) over (partition by user_id, lower(email)) as updated_at,
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

    {{ customer_records_of(
        'crm__customers', 'customer_id', 'customers', custom, stated_in='stg_crm__customers',
        known=[
            'first_name', 'last_name', 'email', 'phone', 'birth_date', 'gender', 'street', 'postcode', 'city',
            'country', 'customer_id', 'loyalty_id', 'income_band', 'household_size', 'home_ownership',
            'marital_status', 'kids_count', 'education', 'occupation',
        ],
        first_seen_at='created_at'
    ) }}
    union all
    {{ customer_records_of(
        'ecommerce__accounts', 'account_id', 'accounts', custom, stated_in='stg_ecommerce__accounts',
        known=[
            'first_name', 'last_name', 'email', 'phone', 'birth_date', 'street', 'postcode', 'city', 'country',
            'loyalty_id', 'account_id',
        ],
        first_seen_at='created_at'
    ) }}
    union all
    {{ customer_records_of(
        'ecommerce__accounts', 'account_id', 'unknown_accounts', custom,
        known=['account_id']
    ) }}
    union all
    {{ customer_records_of(
        'ecommerce__orders', 'order_id', 'guest_orders', custom,
        known=['first_name', 'last_name', 'email', 'phone', 'street', 'postcode', 'city', 'device_id'],
        first_seen_at='ordered_at',
        updated_at='ordered_at'
    ) }}
    union all
    {{ customer_records_of(
        'store__receipts', 'receipt_id', 'receipts', custom, stated_in='stg_store__receipts',
        known=['email'],
        first_seen_at='purchased_at',
        updated_at='purchased_at',
        condition='loyalty_id is null and email is not null'
    ) }}
    union all
    {{ customer_records_of(
        'loyalty__members', 'loyalty_id', 'members', custom, stated_in='stg_loyalty__members',
        known=['first_name', 'last_name', 'email', 'phone', 'birth_date', 'postcode', 'loyalty_id'],
        renamed={'loyalty_tier': 'tier'},
        first_seen_at='joined_at'
    ) }}
    union all
    {{ customer_records_of(
        'loyalty__members', 'loyalty_id', 'unknown_members', custom,
        known=['loyalty_id']
    ) }}
    union all
    {{ customer_records_of(
        'web__devices', 'device_id', 'devices', custom,
        known=['account_id', 'device_id']
    ) }}
    union all
    {{ customer_records_of('email__subscribers', 'subscriber_id', 'subscribers', custom, known=['email']) }}
    union all
    {{ customer_records_of('fitness__users', 'user_id', 'fitness_users', custom, known=['email']) }}
    union all
    {{ customer_records_of(
        'support__tickets', 'ticket_id', 'tickets', custom, stated_in='stg_support__tickets',
        known=['email', 'phone', 'customer_id'],
        first_seen_at='created_at',
        updated_at='created_at'
    ) }}
    union all
    {{ customer_records_of(
        'support__surveys', 'survey_id', 'surveys', custom, stated_in='stg_support__surveys',
        known=['email', 'loyalty_id'],
        first_seen_at='answered_at',
        updated_at='answered_at'
    ) }}
    union all
    {{ customer_records_of(
        'preferences__subjects', 'subject_id', 'subjects', custom,
        known=['email', 'phone']
    ) }}

)

select
    record_id,
    {{ record_number('record_id') }} as record_number,
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
    device_id,
    income_band,
    household_size,
    home_ownership,
    marital_status,
    kids_count,
    education,
    occupation,
    loyalty_tier,
    {% for attribute in custom.attributes -%}
    {{ attribute }},
    {% endfor -%}
    first_seen_at,
    updated_at,
    {{ row_hash('all_records', 'customer_records', leaving_out=['updated_at']) }} as fingerprint
from all_records
