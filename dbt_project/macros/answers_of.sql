{#- What people did of some behaviours, from one scan of what they did at all: a query of profile_id, behaviour
    and the columns of profile_behaviours, without as_of.

    Args:
        behaviours: definitions by name, as the macro `behaviour` makes them.
        daily_activity: relation or CTE.
        identity_map: relation or CTE.
        products: relation or CTE.
        described_profiles: relation or CTE of the people that are described. -#}
{% macro answers_of(behaviours, daily_activity, identity_map, products, described_profiles) -%}
    {%- set windows = behaviours.values() | map(attribute='within_days') | list -%}
    select identity_map.profile_id, asked.behaviour,
        cast(sum(daily_activity.activity_count) as bigint) as activity_count,
        cast(coalesce(sum(daily_activity.quantity), 0) as bigint) as quantity,
        cast(coalesce(sum(daily_activity.sales_amount), 0) as decimal(18, 2)) as sales_amount,
        cast(coalesce(sum(daily_activity.duration_seconds), 0) as bigint) as duration_seconds,
        count(distinct daily_activity.activity_on) as active_day_count,
        count(distinct daily_activity.product_id) as product_count,
        min(daily_activity.first_at) as first_at, max(daily_activity.last_at) as last_at
    from {{ daily_activity }} as daily_activity
    inner join ({{ asked_activities(behaviours) }}) as asked
        on daily_activity.activity_type = asked.activity_type and daily_activity.activity_on >= asked.first_on
    inner join {{ identity_map }} as identity_map on daily_activity.record_number = identity_map.record_number
    inner join {{ described_profiles }} as described_profiles
        on identity_map.profile_id = described_profiles.profile_id
    left join {{ products }} as products on daily_activity.product_id = products.product_id
    where daily_activity.activity_on <= {{ as_of_date() }}
        and daily_activity.activity_on > {{ days_before(windows | max if windows else 0, as_of_date()) }}
        {%- for name, definition in behaviours.items() if definition['products'] %}
        and (
            asked.behaviour <> '{{ dbt.escape_single_quotes(name) }}'
            {%- for filter, values in definition['products'].items() %}
            {{ 'or (' if loop.first else 'and' }} products.{{ product_filters()[filter] }} in (
                {%- for value in values %}'{{ dbt.escape_single_quotes(value) }}'{{ ', ' if not loop.last }}{% endfor -%}
            )
            {%- endfor %})
        )
        {%- endfor %}
    group by identity_map.profile_id, asked.behaviour
{%- endmacro %}

{#- The activities of some behaviours, a row for each, with the first day that counts: a query. -#}
{% macro asked_activities(behaviours) -%}
    {%- for name, definition in behaviours.items() -%}
        {%- for activity in definition['activities'] -%}
    select '{{ dbt.escape_single_quotes(name) }}' as behaviour, '{{ dbt.escape_single_quotes(activity) }}' as activity_type, {{ days_before(definition['within_days'] - 1, as_of_date()) }} as first_on
            {{- ' union all ' if not loop.last }}
        {%- endfor -%}
        {{- ' union all ' if not loop.last }}
    {%- else -%}
    select cast(null as {{ dbt.type_string() }}) as behaviour, cast(null as {{ dbt.type_string() }}) as activity_type, {{ as_of_date() }} as first_on limit 0
    {%- endfor -%}
{%- endmacro %}
