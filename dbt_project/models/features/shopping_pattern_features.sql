-- Grain: profile_id, as_of. Where and when a person orders: channel, store, weekday, hour and season, in the
-- 365 days that end with the day.
-- Leaves out anonymous sales, and how much and in what rhythm a person buys (purchase_features).
{% set parts_of_day = ['morning', 'afternoon', 'evening', 'night'] -%}
{% set weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] -%}
{#- The holidays of the seed: each has an index of its own. #}
{% set named_holidays = [
    'valentines_day', 'easter', 'mothers_day', 'independence_day', 'back_to_school', 'halloween', 'thanksgiving',
    'black_friday', 'christmas'
] -%}
{% set seasons = ['quarter_1', 'quarter_2', 'quarter_3', 'quarter_4', 'holiday'] + named_holidays -%}
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

activity_days as (

    select * from {{ ref('activity_days') }}

),

orders as (

    select * from {{ ref('orders') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

described_profiles as (

    {{ described_profiles() }}

),

profile_records as (

    {{ profile_records() }}

),

-- Orders one by one: where and when

profile_orders as (

    select
        profile_records.profile_number,
        orders.channel,
        orders.store_id,
        {{ iso_weekday('orders.local_ordered_at') }} as weekday,
        {{ part_of_day('orders.local_ordered_at') }} as part_of_day,
        extract(hour from orders.local_ordered_at) as hour
    from (
        select
            *,
            {{ dbt.dateadd('hour', var('hours_from_utc'), 'ordered_at') }} as local_ordered_at
        from orders
        where ordered_on > {{ days_before(365, as_of_date()) }} and ordered_on <= {{ as_of_date() }}
    ) as orders
    inner join profile_records on orders.record_id = profile_records.record_id

),

orders_by_store as (

    select
        profile_number,
        store_id,
        count(case when channel = 'web' then 1 end) as web_order_count,
        count(case when channel = 'app' then 1 end) as app_order_count,
        count(case when channel = 'store' then 1 end) as store_order_count,
        {% for weekday in weekdays -%}
        count(case when weekday = {{ loop.index }} then 1 end) as {{ weekday }}_order_count,
        {% endfor -%}
        {% for part in parts_of_day -%}
        count(case when part_of_day = '{{ part }}' then 1 end) as {{ part }}_order_count,
        count(case when part_of_day = '{{ part }}' and weekday <= 5 then 1 end)
            as weekday_{{ part }}_order_count,
        {% endfor -%}
        count(*) as order_count
    from profile_orders
    group by profile_number, store_id

),

order_totals as (

    select
        profile_number,
        sum(order_count) as order_count,
        sum(web_order_count) as web_order_count,
        sum(app_order_count) as app_order_count,
        sum(store_order_count) as store_order_count,
        {% for weekday in weekdays -%}
        sum({{ weekday }}_order_count) as {{ weekday }}_order_count,
        {% endfor -%}
        sum(saturday_order_count + sunday_order_count) as weekend_order_count,
        {% for part in parts_of_day -%}
        sum({{ part }}_order_count) as {{ part }}_order_count,
        sum(weekday_{{ part }}_order_count) as weekday_{{ part }}_order_count,
        {% endfor -%}
        {{ value_at_most('store_id', 'case when store_id is not null then order_count else 0 end') }}
            as favourite_store_id,
        max(case when store_id is not null then order_count end) as favourite_store_order_count
    from orders_by_store
    group by profile_number

),

{% for time in ['weekday', 'hour'] -%}
orders_by_{{ time }} as (

    select
        profile_number,
        {{ time }},
        count(*) as order_count
    from profile_orders
    group by profile_number, {{ time }}

),

favourite_{{ time }}s as (

    select
        profile_number,
        {{ value_at_most(time, 'order_count') }} as {{ time }}
    from orders_by_{{ time }}
    group by profile_number

),

{% endfor -%}
-- Sales by season

days_of_seasons as (

    select
        {% for quarter in range(1, 5) -%}
        extract(quarter from activity_days.activity_on) = {{ quarter }} as is_quarter_{{ quarter }},
        {% endfor -%}
        {% for holiday in named_holidays -%}
        count(case when holidays.holiday = '{{ holiday }}' then 1 end) > 0 as is_{{ holiday }},
        {% endfor -%}
        count(holidays.holiday) > 0 as is_holiday,
        activity_days.activity_on
    from activity_days
    left join holidays on activity_days.activity_on between holidays.starts_on and holidays.ends_on
    group by activity_days.activity_on

),

season_totals as (

    select
        profile_records.profile_number,
        {% for season in seasons -%}
        sum(case when days_of_seasons.is_{{ season }} then daily_activity.sales_amount else 0 end)
            as {{ season }}_sales_amount,
        {% endfor -%}
        sum(daily_activity.sales_amount) as sales_amount
    from daily_activity
    inner join profile_records on daily_activity.record_number = profile_records.record_number
    inner join days_of_seasons on daily_activity.activity_on = days_of_seasons.activity_on
    where
        daily_activity.activity_type = 'order'
        and daily_activity.activity_on > {{ days_before(365, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by profile_records.profile_number

),

everybodys_totals as (

    select
        {% for season in seasons -%}
        sum({{ season }}_sales_amount) as {{ season }}_sales_amount,
        {% endfor -%}
        sum(sales_amount) as sales_amount
    from season_totals

),

profile_numbers as (

    select distinct profile_id, profile_number
    from profile_records

)

select
    described_profiles.profile_id,
    {{ share_of('order_totals.order_count - order_totals.store_order_count', 'order_totals.order_count') }}
        as online_order_share_365d,
    {% for kind in ['web', 'app', 'store'] + weekdays + ['weekend'] + parts_of_day -%}
    {{ share_of('order_totals.' ~ kind ~ '_order_count', 'order_totals.order_count') }}
        as {{ kind }}_order_share_365d,
    {% endfor -%}
    {% for part in parts_of_day -%}
    {{ share_of('order_totals.weekday_' ~ part ~ '_order_count', 'order_totals.order_count') }}
        as weekday_{{ part }}_order_share_365d,
    {% endfor -%}
    case favourite_weekdays.weekday
        {% for weekday in weekdays -%}
        when {{ loop.index }} then '{{ weekday }}'
        {% endfor -%}
    end as favourite_order_weekday_365d,
    cast(favourite_hours.hour as integer) as favourite_order_hour_365d,
    case when order_totals.favourite_store_order_count is not null then order_totals.favourite_store_id end
        as favourite_store_id_365d,
    {{ share_of('order_totals.favourite_store_order_count', 'order_totals.order_count') }}
        as favourite_store_order_share_365d,
    {% for season in seasons -%}
    {% if season not in named_holidays -%}
    {{ share_of('season_totals.' ~ season ~ '_sales_amount', 'season_totals.sales_amount') }}
        as {{ season }}_sales_share_365d,
    {% endif -%}
    {{ share_of('season_totals.' ~ season ~ '_sales_amount', 'season_totals.sales_amount') }}
    / nullif(
        {{ share_of('everybodys_totals.' ~ season ~ '_sales_amount', 'everybodys_totals.sales_amount') }}, 0
    )
        as {{ season }}_seasonal_index_365d,
    {% endfor -%}
    described_profiles.as_of
from described_profiles
cross join everybodys_totals
left join profile_numbers on described_profiles.profile_id = profile_numbers.profile_id
left join order_totals on profile_numbers.profile_number = order_totals.profile_number
left join favourite_weekdays on profile_numbers.profile_number = favourite_weekdays.profile_number
left join favourite_hours on profile_numbers.profile_number = favourite_hours.profile_number
left join season_totals on profile_numbers.profile_number = season_totals.profile_number
