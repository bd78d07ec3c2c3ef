-- Grain: order_id. Orders of the shop and receipts of the stores, with the record that bought.
-- Leaves out nothing: a receipt that names nobody is an anonymous sale, without a record.
with online_orders as (

    select * from {{ ref('stg_ecommerce__orders') }}

),

receipts as (

    select * from {{ ref('stg_store__receipts') }}

),

items as (

    select * from {{ ref('order_items') }}

),

all_orders as (

    select
        order_id,
        'ecommerce' as source,
        coalesce(
            {{ record_id('ecommerce__accounts', 'account_id') }},
            {{ record_id('ecommerce__orders', 'order_id') }}
        ) as record_id,
        channel,
        cast(null as {{ dbt.type_string() }}) as store_id,
        ordered_at
    from online_orders

    union all

    select
        receipt_id as order_id,
        'store' as source,
        case
            when loyalty_id is not null then {{ record_id('loyalty__members', 'loyalty_id') }}
            when email is not null then {{ record_id('store__receipts', 'receipt_id') }}
        end as record_id,
        'store' as channel,
        store_id,
        purchased_at as ordered_at
    from receipts

),

order_totals as (

    select
        order_id,
        count(*) as item_count,
        sum(quantity) as quantity,
        sum(sales_amount) as sales_amount,
        sum(discount_amount) as discount_amount,
        sum(coupon_discount_amount) as coupon_discount_amount
    from items
    group by order_id

)

select
    all_orders.order_id,
    all_orders.source,
    all_orders.record_id,
    all_orders.channel,
    all_orders.store_id,
    all_orders.ordered_at,
    cast(all_orders.ordered_at as date) as ordered_on,
    coalesce(order_totals.item_count, 0) as item_count,
    cast(coalesce(order_totals.quantity, 0) as bigint) as quantity,
    cast(coalesce(order_totals.sales_amount, 0) as decimal(18, 2)) as sales_amount,
    cast(coalesce(order_totals.discount_amount, 0) as decimal(18, 2)) as discount_amount,
    cast(coalesce(order_totals.coupon_discount_amount, 0) as decimal(18, 2)) as coupon_discount_amount
from all_orders
left join order_totals on all_orders.order_id = order_totals.order_id
