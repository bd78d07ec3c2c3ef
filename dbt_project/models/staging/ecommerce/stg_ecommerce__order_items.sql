-- Grain: order_id, line_number. From raw.ecommerce__order_items, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('ecommerce', 'order_items') }}

),

newest_rows as (

    select *
    from landed_rows
    where
        {{ clean_text('order_id') }} is not null
        and line_number is not null
    qualify {{ newest_rows([clean_text('order_id'), 'line_number']) }}

)

select
    {{ clean_text('order_id') }} as order_id,
    cast(line_number as bigint) as line_number,
    {{ clean_text('product_id') }} as product_id,
    cast(quantity as bigint) as quantity,
    cast(sales_amount as decimal(12, 2)) as sales_amount,
    cast(retail_discount as decimal(12, 2)) as retail_discount,
    cast(coupon_discount as decimal(12, 2)) as coupon_discount,
    cast(coupon_match_discount as decimal(12, 2)) as coupon_match_discount
from newest_rows
