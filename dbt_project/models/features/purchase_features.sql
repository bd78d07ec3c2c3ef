-- Grain: profile_id, as_of. How a person buys: orders and receipts up to the end of the day.
-- Leaves out anonymous sales. Windows of N days end with the day itself.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

orders as (

    select * from {{ ref('orders') }}

),

described_profiles as (

    {{ described_profiles() }}

),

profile_orders as (

    select
        described_profiles.profile_id,
        described_profiles.as_of,
        orders.order_id,
        orders.channel,
        orders.ordered_on,
        orders.sales_amount,
        orders.discount_amount,
        orders.coupon_discount_amount
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join orders on identity_map.record_id = orders.record_id
    where orders.ordered_on <= {{ as_of_date() }}

),

order_totals as (

    select
        profile_id,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on,
        count(*) as order_count,
        sum(sales_amount) as sales_amount,
        {{ count_within(30, 'true', 'ordered_on') }} as order_count_30d,
        {{ count_within(90, 'true', 'ordered_on') }} as order_count_90d,
        {{ count_within(365, 'true', 'ordered_on') }} as order_count_365d,
        {{ count_within(365, "channel <> 'store'", 'ordered_on') }} as online_order_count_365d,
        {{ count_within(365, 'coupon_discount_amount > 0', 'ordered_on') }} as coupon_order_count_365d,
        sum(case when ordered_on > {{ days_before(30) }} then sales_amount else 0 end) as sales_amount_30d,
        sum(case when ordered_on > {{ days_before(90) }} then sales_amount else 0 end) as sales_amount_90d,
        sum(case when ordered_on > {{ days_before(365) }} then sales_amount else 0 end) as sales_amount_365d,
        sum(case when ordered_on > {{ days_before(365) }} then discount_amount else 0 end)
            as discount_amount_365d
    from profile_orders
    group by profile_id

),

purchases as (

    select
        described_profiles.profile_id,
        order_totals.first_order_on,
        order_totals.last_order_on,
        {{ dbt.datediff('order_totals.last_order_on', 'described_profiles.as_of', 'day') }}
            as days_since_last_order,
        coalesce(order_totals.order_count, 0) as order_count,
        coalesce(order_totals.order_count_30d, 0) as order_count_30d,
        coalesce(order_totals.order_count_90d, 0) as order_count_90d,
        coalesce(order_totals.order_count_365d, 0) as order_count_365d,
        coalesce(order_totals.coupon_order_count_365d, 0) as coupon_order_count_365d,
        cast(coalesce(order_totals.sales_amount, 0) as decimal(18, 2)) as sales_amount,
        cast(coalesce(order_totals.sales_amount_30d, 0) as decimal(18, 2)) as sales_amount_30d,
        cast(coalesce(order_totals.sales_amount_90d, 0) as decimal(18, 2)) as sales_amount_90d,
        cast(coalesce(order_totals.sales_amount_365d, 0) as decimal(18, 2)) as sales_amount_365d,
        cast(coalesce(order_totals.discount_amount_365d, 0) as decimal(18, 2)) as discount_amount_365d,
        cast(order_totals.sales_amount as double) / order_totals.order_count as average_order_value,
        cast({{ dbt.datediff('order_totals.first_order_on', 'order_totals.last_order_on', 'day') }} as double)
        / nullif(order_totals.order_count - 1, 0) as average_days_between_orders,
        cast(order_totals.discount_amount_365d as double)
        / nullif(cast(order_totals.sales_amount_365d + order_totals.discount_amount_365d as double), 0)
            as discount_share_365d,
        cast(order_totals.coupon_order_count_365d as double) / nullif(order_totals.order_count_365d, 0)
            as coupon_order_share_365d,
        cast(order_totals.online_order_count_365d as double) / nullif(order_totals.order_count_365d, 0)
            as online_order_share_365d,
        case when order_totals.order_count_365d > 0 then order_totals.last_order_on end as scored_order_on,
        nullif(order_totals.order_count_365d, 0) as scored_order_count,
        case when order_totals.order_count_365d > 0 then order_totals.sales_amount_365d end
            as scored_sales_amount,
        described_profiles.as_of
    from described_profiles
    left join order_totals on described_profiles.profile_id = order_totals.profile_id

)

select
    profile_id,
    first_order_on,
    last_order_on,
    days_since_last_order,
    order_count,
    order_count_30d,
    order_count_90d,
    order_count_365d,
    coupon_order_count_365d,
    sales_amount,
    sales_amount_30d,
    sales_amount_90d,
    sales_amount_365d,
    discount_amount_365d,
    average_order_value,
    average_days_between_orders,
    discount_share_365d,
    coupon_order_share_365d,
    online_order_share_365d,
    {{ score('scored_order_on') }} as recency_score,
    {{ score('scored_order_count') }} as frequency_score,
    {{ score('scored_sales_amount') }} as monetary_score,
    as_of
from purchases
