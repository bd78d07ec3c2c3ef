-- Grain: receipt_id. From raw.store__receipts, typed:
-- the newest row per key, by landing day and place in the file.
-- Leaves out in which file a row landed, and rows that a later one replaced.
with landed_rows as (

    select * from {{ source('store', 'receipts') }}

),

newest_rows as (

    select *
    from landed_rows
    qualify {{ newest_rows(['receipt_id']) }}

)

select
    {{ clean_text('receipt_id') }} as receipt_id,
    {{ clean_text('store_id') }} as store_id,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('email') }} as email,
    cast(purchased_at as timestamp) as purchased_at
from newest_rows
