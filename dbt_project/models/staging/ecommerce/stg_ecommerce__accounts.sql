-- Grain: account_id. From raw.ecommerce__accounts, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('ecommerce', 'accounts') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('account_id') }} is not null
    qualify {{ newest_rows([clean_text('account_id')]) }}

)

select
    {{ clean_text('account_id') }} as account_id,
    {{ clean_text('first_name') }} as first_name,
    {{ clean_text('last_name') }} as last_name,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    cast(birth_date as date) as birth_date,
    {{ clean_text('street') }} as street,
    {{ clean_text('postcode') }} as postcode,
    {{ clean_text('city') }} as city,
    upper({{ clean_text('country') }}) as country,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    cast(created_at as timestamp) as created_at,
    cast(updated_at as timestamp) as updated_at
from newest_rows
