-- Grain: a fact: an order, a line of one or its return, an interaction. What the roll-ups of activity
-- are made of, in one shape; to roll up another kind of fact is one more member of the union.
-- Leaves out facts without a record: nobody's activity.
{{ config(materialized='view') }}
with orders as (

    select * from {{ ref('orders') }}

),

order_items as (

    select * from {{ ref('order_items') }}

),

products as (

    select * from {{ ref('products') }}

),

returns as (

    select * from {{ ref('returns') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

purchases as (

    select
        orders.record_id,
        order_items.product_id,
        order_items.quantity,
        order_items.sales_amount,
        order_items.discount_amount,
        order_items.coupon_discount_amount,
        products.unit_cost,
        orders.ordered_at
    from order_items
    inner join orders on order_items.order_id = orders.order_id
    left join products on order_items.product_id = products.product_id

),

returned_items as (

    select
        returns.record_id,
        returns.product_id,
        returns.quantity,
        returns.refund_amount,
        products.unit_cost,
        returns.returned_at
    from returns
    left join products on returns.product_id = products.product_id

),

all_facts as (

    select
        record_id,
        'order' as activity_type,
        cast(null as {{ dbt.type_string() }}) as product_id,
        quantity,
        sales_amount,
        discount_amount,
        coupon_discount_amount,
        cast(null as decimal(18, 2)) as costed_sales_amount,
        cast(null as decimal(18, 2)) as cost_amount,
        cast(null as bigint) as duration_seconds,
        cast(null as double) as score,
        ordered_at as occurred_at
    from orders

    union all

    select
        record_id,
        'purchase' as activity_type,
        product_id,
        quantity,
        sales_amount,
        discount_amount,
        coupon_discount_amount,
        case when unit_cost is not null then sales_amount end as costed_sales_amount,
        quantity * unit_cost as cost_amount,
        null as duration_seconds,
        null as score,
        ordered_at as occurred_at
    from purchases

    union all

    select
        record_id,
        'return' as activity_type,
        product_id,
        quantity,
        refund_amount as sales_amount,
        null as discount_amount,
        null as coupon_discount_amount,
        case when unit_cost is not null then refund_amount end as costed_sales_amount,
        quantity * unit_cost as cost_amount,
        null as duration_seconds,
        null as score,
        returned_at as occurred_at
    from returned_items

    union all

    select
        record_id,
        interaction_type as activity_type,
        product_id,
        quantity,
        null as sales_amount,
        null as discount_amount,
        null as coupon_discount_amount,
        null as costed_sales_amount,
        null as cost_amount,
        duration_seconds,
        score,
        occurred_at
    from interactions

)

select
    -- Texts, of which activity_days has to know: others it would compare by less than all of them.
    record_id,
    activity_type,
    product_id,
    cast(quantity as bigint) as quantity,
    cast(sales_amount as decimal(18, 2)) as sales_amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(coupon_discount_amount as decimal(18, 2)) as coupon_discount_amount,
    cast(costed_sales_amount as decimal(18, 2)) as costed_sales_amount,
    cast(cost_amount as decimal(18, 2)) as cost_amount,
    cast(duration_seconds as bigint) as duration_seconds,
    cast(score as double) as score,
    occurred_at,
    cast(occurred_at as date) as activity_on
from all_facts
where record_id is not null
