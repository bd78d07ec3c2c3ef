-- Grain: record_number, activity_on, activity_type, product_id. What a record did on a day, added up: what
-- features and segments read instead of facts. Only days whose facts have changed are rolled up again.
-- Leaves out facts without a record, and what cannot be added up: order ids, stores, channels, offers.
{{ config(materialized='roll_up', unique_key=['activity_on', 'day_fingerprint'], batch_size='month') }}
with activity_facts as (

    select * from {{ ref('activity_facts') }}

),

activity_days as (

    select * from {{ ref('activity_days') }}

),

days_to_roll_up as (

    {{ periods_to_roll_up('activity_days', ['activity_on', 'day_fingerprint']) }}

),

rolled_up_facts as (

    select
        {{ record_number('activity_facts.record_id') }} as record_number,
        activity_facts.activity_type,
        activity_facts.product_id,
        count(*) as activity_count,
        sum(activity_facts.quantity) as quantity,
        sum(activity_facts.sales_amount) as sales_amount,
        sum(activity_facts.discount_amount) as discount_amount,
        sum(activity_facts.coupon_discount_amount) as coupon_discount_amount,
        count(case when activity_facts.discount_amount > 0 then 1 end) as discounted_count,
        sum(case when activity_facts.discount_amount > 0 then activity_facts.sales_amount end)
            as discounted_sales_amount,
        count(case when activity_facts.coupon_discount_amount > 0 then 1 end) as coupon_count,
        sum(case when activity_facts.coupon_discount_amount > 0 then activity_facts.sales_amount end)
            as coupon_sales_amount,
        sum(activity_facts.costed_sales_amount) as costed_sales_amount,
        sum(activity_facts.cost_amount) as cost_amount,
        sum(activity_facts.duration_seconds) as duration_seconds,
        sum(activity_facts.score) as score_total,
        min(activity_facts.occurred_at) as first_at,
        max(activity_facts.occurred_at) as last_at,
        activity_facts.activity_on,
        days_to_roll_up.day_fingerprint
    from activity_facts
    inner join days_to_roll_up on activity_facts.activity_on = days_to_roll_up.activity_on
    -- By the moment: a condition on what is computed would be looked at after all facts were put together.
    where {{ is_within_roll_up('activity_facts.occurred_at') }}
    group by
        {{ record_number('activity_facts.record_id') }},
        activity_facts.activity_type,
        activity_facts.product_id,
        activity_facts.activity_on,
        days_to_roll_up.day_fingerprint

),

-- A day's orders cost what their lines cost, so that a margin needs no look at products.
costs_of_orders as (

    select
        record_number,
        activity_on,
        'order' as activity_type,
        sum(costed_sales_amount) as costed_sales_amount,
        sum(cost_amount) as cost_amount
    from rolled_up_facts
    where activity_type = 'purchase'
    group by record_number, activity_on

)

select
    rolled_up_facts.record_number,
    rolled_up_facts.activity_type,
    rolled_up_facts.product_id,
    rolled_up_facts.activity_count,
    cast(coalesce(rolled_up_facts.quantity, 0) as bigint) as quantity,
    cast(coalesce(rolled_up_facts.sales_amount, 0) as decimal(18, 2)) as sales_amount,
    cast(coalesce(rolled_up_facts.discount_amount, 0) as decimal(18, 2)) as discount_amount,
    cast(coalesce(rolled_up_facts.coupon_discount_amount, 0) as decimal(18, 2)) as coupon_discount_amount,
    rolled_up_facts.discounted_count,
    cast(coalesce(rolled_up_facts.discounted_sales_amount, 0) as decimal(18, 2)) as discounted_sales_amount,
    rolled_up_facts.coupon_count,
    cast(coalesce(rolled_up_facts.coupon_sales_amount, 0) as decimal(18, 2)) as coupon_sales_amount,
    cast(
        coalesce(rolled_up_facts.costed_sales_amount, costs_of_orders.costed_sales_amount, 0)
        as decimal(18, 2)
    ) as costed_sales_amount,
    cast(coalesce(rolled_up_facts.cost_amount, costs_of_orders.cost_amount, 0) as decimal(18, 2))
        as cost_amount,
    cast(coalesce(rolled_up_facts.duration_seconds, 0) as bigint) as duration_seconds,
    rolled_up_facts.score_total,
    rolled_up_facts.first_at,
    rolled_up_facts.last_at,
    rolled_up_facts.activity_on,
    rolled_up_facts.day_fingerprint
from rolled_up_facts
left join costs_of_orders
    on
        rolled_up_facts.record_number = costs_of_orders.record_number
        and rolled_up_facts.activity_on = costs_of_orders.activity_on
        and rolled_up_facts.activity_type = costs_of_orders.activity_type
-- By day, so that a window reads no more than its days.
order by rolled_up_facts.activity_on, rolled_up_facts.activity_type
