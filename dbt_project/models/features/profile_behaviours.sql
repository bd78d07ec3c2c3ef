-- Grain: profile_id, behaviour, as_of.
-- What people did of the behaviours that segments ask about, all in one scan of daily activity. Leaves out
-- who did nothing. The row of '(everybody)' sums a behaviour up, and is there even if nobody did it: it tells
-- a behaviour that was asked about when the day was built from one that was not.
{%- set behaviours = asked_behaviours() %}
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

products as (

    select * from {{ ref('products') }}

),

described_profiles as (

    {{ described_profiles() }}

),

asked as (

    select distinct asked_activities.behaviour
    from ({{ asked_activities(behaviours) }}) as asked_activities

),

answers as (

    {{ answers_of(behaviours, 'daily_activity', 'identity_map', 'products', 'described_profiles') }}

)

select
    profile_id,
    behaviour,
    activity_count,
    quantity,
    sales_amount,
    duration_seconds,
    active_day_count,
    product_count,
    first_at,
    last_at,
    {{ as_of_date() }} as as_of
from answers

union all

select
    '(everybody)' as profile_id,
    asked.behaviour,
    cast(coalesce(sum(answers.activity_count), 0) as bigint) as activity_count,
    cast(coalesce(sum(answers.quantity), 0) as bigint) as quantity,
    cast(coalesce(sum(answers.sales_amount), 0) as decimal(18, 2)) as sales_amount,
    cast(coalesce(sum(answers.duration_seconds), 0) as bigint) as duration_seconds,
    cast(null as bigint) as active_day_count,
    cast(null as bigint) as product_count,
    min(answers.first_at) as first_at,
    max(answers.last_at) as last_at,
    {{ as_of_date() }} as as_of
from asked
left join answers on asked.behaviour = answers.behaviour
group by asked.behaviour
