-- Grain: return_id. Lines of orders and receipts that came back, with the record that had bought them.
-- Leaves out exchanges, which are a return and a purchase. A return of an order that is not there is
-- anonymous, like one of an anonymous receipt.
with online_returns as (

    select * from {{ ref('stg_ecommerce__returns') }}

),

store_returns as (

    select * from {{ ref('stg_store__returns') }}

),

orders as (

    select * from {{ ref('orders') }}

),

all_returns as (

    select
        'ecommerce:' || return_id as return_id,
        'ecommerce' as source,
        order_id,
        line_number,
        product_id,
        quantity,
        refund_amount,
        reason,
        returned_at
    from online_returns

    union all

    select
        'store:' || return_id as return_id,
        'store' as source,
        receipt_id as order_id,
        line_number,
        product_id,
        quantity,
        refund_amount,
        reason,
        returned_at
    from store_returns

)

select
    all_returns.return_id,
    all_returns.source,
    all_returns.order_id,
    all_returns.line_number,
    all_returns.product_id,
    orders.record_id,
    all_returns.quantity,
    cast(all_returns.refund_amount as decimal(18, 2)) as refund_amount,
    all_returns.reason,
    all_returns.returned_at,
    cast(all_returns.returned_at as date) as returned_on
from all_returns
left join orders
    on
        all_returns.order_id = orders.order_id
        and all_returns.source = orders.source
