-- Grain: profile_id, behaviour, as_of.
-- What people did of the behaviours that segments ask about, all of them together. Leaves out who did
-- nothing. The row of '(everybody)' sums a behaviour up, and is there even if nobody did it: it tells
-- a behaviour that was asked about when the day was built from one that was not, and what is wrong with it.
{%- set behaviours = asked_behaviours() %}
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

products as (

    select * from {{ ref('products') }}

),

described_profiles as (

    {{ described_profiles() }}

),

asked as (

    {% for name in behaviours -%}
    select '{{ dbt.escape_single_quotes(name) }}' as behaviour
    {{ 'union all ' if not loop.last }}
    {%- else -%}
    select cast(null as {{ dbt.type_string() }}) as behaviour
    where false
    {%- endfor %}

),

unknown_products as (

    {{ unknown_products(behaviours, 'products') }}

),

-- Activity is no import above: the engine holds a CTE that is read twice as a whole.
answers as (

    {{ answers_of(behaviours, ref('daily_activity'), 'identity_map', 'products', 'described_profiles') }}

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
    last_at_latest,
    cast(null as {{ dbt.type_string() }}) as unknown_products,
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
    max(answers.last_at_latest) as last_at_latest,
    max(unknown_products.fault) as unknown_products,
    {{ as_of_date() }} as as_of
from asked
left join answers on asked.behaviour = answers.behaviour
left join unknown_products on asked.behaviour = unknown_products.behaviour
group by asked.behaviour
