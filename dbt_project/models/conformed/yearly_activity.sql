-- Grain: record_number, activity_year, activity_type. What a record did in a calendar year, added up from
-- daily_activity: what is "ever" is the past years from here and the days since from there, so that a
-- day's run does not read all history. Only years of which a day has changed are added up again.
-- Leaves out products. The present year is in it as far as it has come: mind it when both are added up.
{{ config(materialized='roll_up', unique_key=['activity_year', 'year_fingerprint'], batch_size='year') }}
with daily_activity as (

    select * from {{ ref('daily_activity') }}

),

activity_days as (

    select * from {{ ref('activity_days') }}

),

years_to_roll_up as (

    {{ periods_to_roll_up('activity_days', ['activity_year', 'year_fingerprint']) }}

),

-- Days without products, so that what is counted by day is counted once.
days as (

    select
        daily_activity.record_number,
        daily_activity.activity_type,
        daily_activity.activity_on,
        years_to_roll_up.activity_year,
        years_to_roll_up.year_fingerprint,
        sum(daily_activity.activity_count) as activity_count,
        sum(daily_activity.quantity) as quantity,
        sum(daily_activity.sales_amount) as sales_amount,
        sum(daily_activity.discount_amount) as discount_amount,
        sum(daily_activity.costed_sales_amount) as costed_sales_amount,
        sum(daily_activity.cost_amount) as cost_amount,
        sum(daily_activity.duration_seconds) as duration_seconds,
        sum(daily_activity.score_total) as score_total,
        min(daily_activity.first_at) as first_at,
        max(daily_activity.last_at) as last_at
    from daily_activity
    inner join years_to_roll_up
        on extract(year from daily_activity.activity_on) = years_to_roll_up.activity_year
    where {{ is_within_roll_up('daily_activity.activity_on') }}
    group by
        daily_activity.record_number,
        daily_activity.activity_type,
        daily_activity.activity_on,
        years_to_roll_up.activity_year,
        years_to_roll_up.year_fingerprint

)

select
    record_number,
    activity_type,
    cast(sum(activity_count) as bigint) as activity_count,
    cast(sum(quantity) as bigint) as quantity,
    cast(sum(sales_amount) as decimal(18, 2)) as sales_amount,
    cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
    cast(sum(costed_sales_amount) as decimal(18, 2)) as costed_sales_amount,
    cast(sum(cost_amount) as decimal(18, 2)) as cost_amount,
    cast(sum(duration_seconds) as bigint) as duration_seconds,
    cast(sum(score_total) as double) as score_total,
    count(*) as active_day_count,
    {{ sorted_list("case when activity_type = 'order' then activity_on end") }} as order_days,
    cast({{ value_at_least('sales_amount', 'activity_on') }} as decimal(18, 2)) as first_day_sales_amount,
    min(first_at) as first_at,
    max(last_at) as last_at,
    activity_year,
    year_fingerprint
from days
group by record_number, activity_type, activity_year, year_fingerprint
