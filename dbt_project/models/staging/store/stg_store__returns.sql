-- Grain: return_id. From raw.store__returns, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('store', 'returns') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('return_id') }} is not null
    qualify {{ newest_rows([clean_text('return_id')]) }}

)

select
    {{ clean_text('return_id') }} as return_id,
    {{ clean_text('receipt_id') }} as receipt_id,
    cast(line_number as bigint) as line_number,
    {{ clean_text('product_id') }} as product_id,
    cast(quantity as bigint) as quantity,
    cast(refund_amount as decimal(12, 2)) as refund_amount,
    lower({{ clean_text('reason') }}) as reason,
    cast(returned_at as timestamp) as returned_at
from newest_rows
