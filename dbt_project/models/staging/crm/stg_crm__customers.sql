-- Grain: customer_id. From raw.crm__customers, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('crm', 'customers') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('customer_id') }} is not null
    qualify {{ newest_rows([clean_text('customer_id')]) }}

)

select
    {{ clean_text('customer_id') }} as customer_id,
    {{ clean_text('first_name') }} as first_name,
    {{ clean_text('last_name') }} as last_name,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    cast(birth_date as date) as birth_date,
    lower({{ clean_text('gender') }}) as gender,
    {{ clean_text('street') }} as street,
    {{ clean_text('postcode') }} as postcode,
    {{ clean_text('city') }} as city,
    upper({{ clean_text('country') }}) as country,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('income_band') }} as income_band,
    {{ clean_text('household_size') }} as household_size,
    {{ clean_text('home_ownership') }} as home_ownership,
    {{ clean_text('marital_status') }} as marital_status,
    {{ clean_text('kids_count') }} as kids_count,
    lower({{ clean_text('education') }}) as education,
    lower({{ clean_text('occupation') }}) as occupation,
    cast(created_at as timestamp) as created_at,
    cast(updated_at as timestamp) as updated_at
from newest_rows
