-- Grain: order_id. From raw.ecommerce__orders, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('ecommerce', 'orders') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('order_id') }} is not null
    qualify {{ newest_rows([clean_text('order_id')]) }}

)

select
    {{ clean_text('order_id') }} as order_id,
    {{ clean_text('account_id') }} as account_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    {{ clean_text('first_name') }} as first_name,
    {{ clean_text('last_name') }} as last_name,
    {{ clean_text('street') }} as street,
    {{ clean_text('postcode') }} as postcode,
    {{ clean_text('city') }} as city,
    {{ clean_text('device_id') }} as device_id,
    {{ clean_text('channel') }} as channel,
    cast(ordered_at as timestamp) as ordered_at
from newest_rows
