-- Grain: loyalty_id. From raw.loyalty__members, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('loyalty', 'members') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('loyalty_id') }} is not null
    qualify {{ newest_rows([clean_text('loyalty_id')]) }}

)

select
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('first_name') }} as first_name,
    {{ clean_text('last_name') }} as last_name,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    cast(birth_date as date) as birth_date,
    {{ clean_text('postcode') }} as postcode,
    {{ clean_text('tier') }} as tier,
    cast(joined_at as timestamp) as joined_at,
    cast(updated_at as timestamp) as updated_at
from newest_rows
