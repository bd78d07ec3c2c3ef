-- Grain: receipt_id. From raw.store__receipts, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('store', 'receipts') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('receipt_id') }} is not null
    qualify {{ newest_rows([clean_text('receipt_id')]) }}

)

select
    {{ clean_text('receipt_id') }} as receipt_id,
    {{ clean_text('store_id') }} as store_id,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('email') }} as email,
    cast(purchased_at as timestamp) as purchased_at
from newest_rows
