-- Grain: profile_id, as_of. How much a person buys and in what rhythm: orders up to the end of the day.
-- "Ever" is past years from yearly_activity and the days since from daily_activity; everything else looks
-- at the 365 days that end with the day, so that a longer history costs next to nothing.
-- Leaves out anonymous sales, what was bought (product_features), where and when (shopping_pattern_features),
-- and what is about prices (price_features).
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

yearly_activity as (

    select * from {{ ref('yearly_activity') }}

),

orders as (

    select * from {{ ref('orders') }}

),

described_profiles as (

    {{ described_profiles() }}

),

profile_records as (

    {{ profile_records() }}

),

-- Orders of past years

past_orders as (

    select
        profile_records.profile_number,
        yearly_activity.activity_year,
        yearly_activity.activity_count,
        yearly_activity.sales_amount,
        yearly_activity.costed_sales_amount - yearly_activity.cost_amount as margin_amount,
        yearly_activity.active_day_count,
        yearly_activity.order_days,
        yearly_activity.first_day_sales_amount,
        cast(yearly_activity.first_at as date) as first_order_on,
        cast(yearly_activity.last_at as date) as last_order_on
    from yearly_activity
    inner join profile_records on yearly_activity.record_number = profile_records.record_number
    where
        yearly_activity.activity_type = 'order'
        and yearly_activity.activity_year < extract(year from {{ first_day_by_day() }})

),

past_years as (

    select
        profile_number,
        sum(activity_count) as order_count,
        sum(sales_amount) as sales_amount,
        sum(margin_amount) as margin_amount,
        -- A day on which two records of a person ordered is one day.
        case
            when count(*) = 1 then max(active_day_count) else {{ distinct_count_of_lists('order_days') }}
        end as order_day_count,
        max(last_order_on) as last_order_on
    from past_orders
    group by profile_number, activity_year

),

past_totals as (

    select
        profile_number,
        sum(order_count) as order_count,
        sum(sales_amount) as sales_amount,
        sum(margin_amount) as margin_amount,
        sum(order_day_count) as order_day_count,
        max(last_order_on) as last_order_on
    from past_years
    group by profile_number

),

past_first_days as (

    select
        profile_number,
        first_order_on,
        sum(first_day_sales_amount) as sales_amount
    from past_orders
    group by profile_number, first_order_on

),

past_firsts as (

    select
        profile_number,
        min(first_order_on) as first_order_on,
        {{ value_at_least('sales_amount', 'first_order_on') }} as sales_amount
    from past_first_days
    group by profile_number

),

-- Days with an order since

order_days as (

    select
        profile_records.profile_number,
        daily_activity.activity_on,
        sum(daily_activity.activity_count) as order_count,
        sum(daily_activity.sales_amount) as sales_amount,
        sum(daily_activity.costed_sales_amount) as costed_sales_amount,
        sum(daily_activity.costed_sales_amount - daily_activity.cost_amount) as margin_amount
    from daily_activity
    inner join profile_records on daily_activity.record_number = profile_records.record_number
    where
        daily_activity.activity_type = 'order'
        and daily_activity.activity_on >= {{ first_day_by_day() }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by profile_records.profile_number, daily_activity.activity_on

),

numbered_days as (

    select
        order_days.profile_number,
        order_days.activity_on,
        order_days.order_count,
        order_days.sales_amount,
        order_days.costed_sales_amount,
        order_days.margin_amount,
        -- So many days with an order came before, of which the first and the last tell the rhythm until then.
        coalesce(past_totals.order_day_count, 0)
        + row_number() over (partition by order_days.profile_number order by order_days.activity_on)
        - 1 as earlier_day_count,
        coalesce(
            past_firsts.first_order_on,
            min(order_days.activity_on) over (partition by order_days.profile_number)
        ) as first_order_on,
        coalesce(
            lag(order_days.activity_on) over (
                partition by order_days.profile_number order by order_days.activity_on
            ),
            past_totals.last_order_on
        ) as previous_order_on
    from order_days
    left join past_totals on order_days.profile_number = past_totals.profile_number
    left join past_firsts on order_days.profile_number = past_firsts.profile_number

),

days_and_pauses as (

    select
        *,
        -- Days since the order day before; null on the first one.
        {{ dbt.datediff('previous_order_on', 'activity_on', 'day') }} as pause_days,
        {{ as_of_date() }} as as_of
    from numbered_days

),

day_totals as (

    select
        profile_number,
        min(activity_on) as first_order_on,
        max(activity_on) as last_order_on,
        {{ value_at_least('sales_amount', 'activity_on') }} as first_day_sales_amount,
        count(*) as order_day_count,
        {{ sum_within(365, '1') }} as order_day_count_365d,
        sum(order_count) as order_count,
        {{ sum_within(30, 'order_count') }} as order_count_30d,
        {{ sum_within(90, 'order_count') }} as order_count_90d,
        {{ sum_within(365, 'order_count') }} as order_count_365d,
        sum(sales_amount) as sales_amount,
        {{ sum_within(30, 'sales_amount') }} as sales_amount_30d,
        {{ sum_within(90, 'sales_amount') }} as sales_amount_90d,
        {{ sum_within(365, 'sales_amount') }} as sales_amount_365d,
        sum(margin_amount) as margin_amount,
        {{ sum_within(365, 'margin_amount') }} as margin_amount_365d,
        {{ sum_within(365, 'costed_sales_amount') }} as costed_sales_amount_365d,
        avg(case when activity_on > {{ days_before(365) }} then pause_days end) as average_pause_days,
        {{ median_of('case when activity_on > ' ~ days_before(365) ~ ' then pause_days end') }}
            as median_pause_days,
        {{ deviation_of('case when activity_on > ' ~ days_before(365) ~ ' then pause_days end') }}
            as pause_days_deviation
    from days_and_pauses
    group by profile_number

),

-- Orders ever, and the rhythm in which they came

buyers as (

    select
        coalesce(day_totals.profile_number, past_totals.profile_number) as profile_number,
        coalesce(past_firsts.first_order_on, day_totals.first_order_on) as first_order_on,
        coalesce(day_totals.last_order_on, past_totals.last_order_on) as last_order_on,
        coalesce(past_firsts.sales_amount, day_totals.first_day_sales_amount) as first_day_sales_amount,
        coalesce(past_totals.order_count, 0) + coalesce(day_totals.order_count, 0) as order_count,
        coalesce(past_totals.order_day_count, 0) + coalesce(day_totals.order_day_count, 0) as order_day_count,
        coalesce(past_totals.sales_amount, 0) + coalesce(day_totals.sales_amount, 0) as sales_amount,
        coalesce(past_totals.margin_amount, 0) + coalesce(day_totals.margin_amount, 0) as margin_amount
    from day_totals
    full outer join past_totals on day_totals.profile_number = past_totals.profile_number
    left join past_firsts on past_totals.profile_number = past_firsts.profile_number

),

own_rhythms as (

    select
        buyers.profile_number,
        buyers.last_order_on,
        {{ dbt.datediff('buyers.first_order_on', 'buyers.last_order_on', 'day') }}
        / nullif(cast(buyers.order_day_count - 1 as double), 0) as average_pause_days,
        case
            when day_totals.order_day_count_365d >= 3 then cast(day_totals.median_pause_days as double)
            when buyers.order_day_count >= 3
                then
                    {{ dbt.datediff('buyers.first_order_on', 'buyers.last_order_on', 'day') }}
                    / cast(buyers.order_day_count - 1 as double)
        end as own_pause_days
    from buyers
    left join day_totals on buyers.profile_number = day_totals.profile_number

),

everybodys_rhythm as (

    -- A shop in which nobody has a rhythm yet takes a month for one.
    select coalesce({{ median_of('own_pause_days') }}, 30) as pause_days
    from own_rhythms

),

rhythms as (

    select
        own_rhythms.profile_number,
        own_rhythms.average_pause_days,
        own_rhythms.own_pause_days,
        coalesce(own_rhythms.own_pause_days, everybodys_rhythm.pause_days) as expected_pause_days,
        {{ dbt.dateadd(
            'day',
            'cast(round(coalesce(own_rhythms.own_pause_days, everybodys_rhythm.pause_days)) as integer)',
            'own_rhythms.last_order_on'
        ) }} as expected_next_order_at
    from own_rhythms
    cross join everybodys_rhythm

),

-- A pause is judged by the rhythm before it, of which it is no part.
returns_after_pauses as (

    select
        days_and_pauses.profile_number,
        max(days_and_pauses.activity_on) as reactivated_on
    from days_and_pauses
    cross join everybodys_rhythm
    where
        days_and_pauses.activity_on > {{ days_before(365) }}
        and days_and_pauses.pause_days
        > {{ var('lapsed_after_intervals') }} * {{ rhythm_days(
            'case when days_and_pauses.earlier_day_count >= 3 then '
            ~ dbt.datediff('days_and_pauses.first_order_on', 'days_and_pauses.previous_order_on', 'day')
            ~ ' / cast(days_and_pauses.earlier_day_count - 1 as double) else everybodys_rhythm.pause_days end'
        ) }}
    group by days_and_pauses.profile_number

),

-- By the rhythm of now: that of then is known of no first orders, and hardly of the next ones.
impulses as (

    select
        profile_records.profile_number,
        count(*) as order_count
    from orders
    inner join profile_records on orders.record_id = profile_records.record_id
    inner join rhythms on profile_records.profile_number = rhythms.profile_number
    inner join days_and_pauses
        on
            profile_records.profile_number = days_and_pauses.profile_number
            and orders.ordered_on = days_and_pauses.activity_on
    where
        orders.ordered_on > {{ days_before(365, as_of_date()) }}
        and orders.ordered_on <= {{ as_of_date() }}
        and orders.item_count <= {{ var('impulse_most_items') }}
        and orders.discount_amount > 0
        and days_and_pauses.pause_days < rhythms.expected_pause_days / 2
    group by profile_records.profile_number

),

-- What came back: of past years, and day by day since

returns_ever as (

    select
        record_number,
        activity_count,
        sales_amount,
        costed_sales_amount,
        cost_amount,
        cast(null as date) as activity_on
    from yearly_activity
    where
        activity_type = 'return'
        and activity_year < extract(year from {{ first_day_by_day() }})

    union all

    select
        record_number,
        activity_count,
        sales_amount,
        costed_sales_amount,
        cost_amount,
        activity_on
    from daily_activity
    where
        activity_type = 'return'
        and activity_on >= {{ first_day_by_day() }}
        and activity_on <= {{ as_of_date() }}

),

return_totals as (

    select
        profile_records.profile_number,
        sum(returns_ever.costed_sales_amount - returns_ever.cost_amount) as margin_amount,
        {{ sum_within(365, 'returns_ever.activity_count', day='returns_ever.activity_on') }}
            as return_count_365d,
        {{ sum_within(365, 'returns_ever.sales_amount', day='returns_ever.activity_on') }}
            as returned_amount_365d,
        {{ sum_within(
            365, 'returns_ever.costed_sales_amount - returns_ever.cost_amount', day='returns_ever.activity_on'
        ) }}
            as margin_amount_365d
    from returns_ever
    inner join profile_records on returns_ever.record_number = profile_records.record_number
    group by profile_records.profile_number

),

-- Contribution margins are of what stayed sold.
margins as (

    select
        buyers.profile_number,
        buyers.margin_amount - coalesce(return_totals.margin_amount, 0) as margin_amount,
        coalesce(day_totals.margin_amount_365d, 0) - coalesce(return_totals.margin_amount_365d, 0)
            as margin_amount_365d
    from buyers
    left join day_totals on buyers.profile_number = day_totals.profile_number
    left join return_totals on buyers.profile_number = return_totals.profile_number

),

profile_numbers as (

    select distinct profile_id, profile_number
    from profile_records

)

select
    described_profiles.profile_id,
    buyers.first_order_on,
    buyers.last_order_on,
    {{ dbt.datediff('buyers.last_order_on', 'described_profiles.as_of', 'day') }} as days_since_last_order,
    cast(coalesce(buyers.order_count, 0) as bigint) as order_count,
    cast(coalesce(day_totals.order_count_30d, 0) as bigint) as order_count_30d,
    cast(coalesce(day_totals.order_count_90d, 0) as bigint) as order_count_90d,
    cast(coalesce(day_totals.order_count_365d, 0) as bigint) as order_count_365d,
    cast(coalesce(buyers.order_day_count, 0) as bigint) as order_day_count,
    cast(coalesce(day_totals.order_day_count_365d, 0) as bigint) as order_day_count_365d,
    cast(coalesce(buyers.sales_amount, 0) as decimal(18, 2)) as sales_amount,
    cast(coalesce(day_totals.sales_amount_30d, 0) as decimal(18, 2)) as sales_amount_30d,
    cast(coalesce(day_totals.sales_amount_90d, 0) as decimal(18, 2)) as sales_amount_90d,
    cast(coalesce(day_totals.sales_amount_365d, 0) as decimal(18, 2)) as sales_amount_365d,
    cast(coalesce(buyers.first_day_sales_amount, 0) as decimal(18, 2)) as first_order_day_sales_amount,
    {{ share_of('buyers.sales_amount', 'buyers.order_count') }} as average_order_value,
    {{ share_of('day_totals.sales_amount_365d', 'day_totals.order_count_365d') }} as average_order_value_365d,
    rhythms.average_pause_days as average_days_between_orders,
    cast(day_totals.average_pause_days as double) as average_days_between_orders_365d,
    cast(day_totals.median_pause_days as double) as median_days_between_orders_365d,
    cast(day_totals.pause_days_deviation as double) as days_between_orders_deviation_365d,
    rhythms.expected_pause_days as expected_days_between_orders,
    rhythms.own_pause_days is not null as has_own_rhythm,
    cast(rhythms.expected_next_order_at as date) as expected_next_order_on,
    returns_after_pauses.reactivated_on,
    cast(coalesce(margins.margin_amount, 0) as decimal(18, 2)) as contribution_margin_amount,
    cast(coalesce(margins.margin_amount_365d, 0) as decimal(18, 2)) as contribution_margin_amount_365d,
    {{ share_of('margins.margin_amount_365d', 'day_totals.costed_sales_amount_365d') }}
        as contribution_margin_rate_365d,
    {{ share_of('day_totals.costed_sales_amount_365d', 'day_totals.sales_amount_365d') }}
        as costed_sales_share_365d,
    cast(coalesce(return_totals.return_count_365d, 0) as bigint) as return_count_365d,
    cast(coalesce(return_totals.returned_amount_365d, 0) as decimal(18, 2)) as returned_amount_365d,
    {{ share_of('coalesce(return_totals.returned_amount_365d, 0)', 'day_totals.sales_amount_365d') }}
        as return_rate_365d,
    {{ share_of('coalesce(impulses.order_count, 0)', 'day_totals.order_count_365d') }}
        as impulse_order_share_365d,
    described_profiles.as_of
from described_profiles
left join profile_numbers on described_profiles.profile_id = profile_numbers.profile_id
left join buyers on profile_numbers.profile_number = buyers.profile_number
left join day_totals on profile_numbers.profile_number = day_totals.profile_number
left join rhythms on profile_numbers.profile_number = rhythms.profile_number
left join returns_after_pauses on profile_numbers.profile_number = returns_after_pauses.profile_number
left join impulses on profile_numbers.profile_number = impulses.profile_number
left join margins on profile_numbers.profile_number = margins.profile_number
left join return_totals on profile_numbers.profile_number = return_totals.profile_number
