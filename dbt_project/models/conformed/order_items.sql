-- Grain: order_id, line_number. Lines of the shop's orders and of the stores' receipts.
-- Leaves out lines without an order or receipt.
with online_orders as (

    select * from {{ ref('stg_ecommerce__orders') }}

),

online_items as (

    select * from {{ ref('stg_ecommerce__order_items') }}

),

receipts as (

    select * from {{ ref('stg_store__receipts') }}

),

receipt_items as (

    select * from {{ ref('stg_store__receipt_items') }}

),

all_items as (

    select
        online_items.order_id,
        online_items.line_number,
        online_items.product_id,
        online_items.quantity,
        online_items.sales_amount,
        online_items.retail_discount,
        online_items.coupon_discount,
        online_items.coupon_match_discount,
        online_orders.ordered_at
    from online_items
    inner join online_orders on online_items.order_id = online_orders.order_id

    union all

    select
        receipt_items.receipt_id as order_id,
        receipt_items.line_number,
        receipt_items.product_id,
        receipt_items.quantity,
        receipt_items.sales_amount,
        receipt_items.retail_discount,
        receipt_items.coupon_discount,
        receipt_items.coupon_match_discount,
        receipts.purchased_at as ordered_at
    from receipt_items
    inner join receipts on receipt_items.receipt_id = receipts.receipt_id

)

select
    order_id,
    line_number,
    product_id,
    quantity,
    sales_amount,
    cast(
        coalesce(retail_discount, 0) + coalesce(coupon_discount, 0) + coalesce(coupon_match_discount, 0)
        as decimal(12, 2)
    ) as discount_amount,
    cast(
        coalesce(coupon_discount, 0) + coalesce(coupon_match_discount, 0) as decimal(12, 2)
    ) as coupon_discount_amount,
    ordered_at
from all_items
