{#- What people did of some behaviours, of all of them together: a query of profile_id, behaviour and the columns of
    profile_behaviours, without as_of.

    Args:
        behaviours: definitions by name, as the macro `behaviour` makes them.
        daily_activity: relation or CTE.
        identity_map: relation or CTE.
        products: relation or CTE.
        described_profiles: relation or CTE of the people that are described. -#}
{% macro answers_of(behaviours, daily_activity, identity_map, products, described_profiles) -%}
    select identity_map.profile_id, activities.behaviour,
        cast(sum(activities.activity_count) as bigint) as activity_count,
        cast(coalesce(sum(activities.quantity), 0) as bigint) as quantity,
        cast(coalesce(sum(activities.sales_amount), 0) as decimal(18, 2)) as sales_amount,
        cast(coalesce(sum(activities.duration_seconds), 0) as bigint) as duration_seconds,
        count(distinct activities.activity_on) as active_day_count,
        count(distinct activities.product_id) as product_count,
        min(activities.first_at) as first_at, max(activities.last_at) as last_at,
        max({{ _latest_time_of('activities') }}) as last_at_latest
    from (
        select asked.behaviour, daily_activity.*
        from {{ daily_activity }} as daily_activity
        inner join ({{ asked_activities(behaviours) }}) as asked
            on daily_activity.activity_type = asked.activity_type
                and daily_activity.activity_on >= asked.first_on
        where daily_activity.activity_on <= {{ as_of_date() }}
        {#- By themselves: few products are asked about, and what concerns no other is joined to them alone. #}
        {%- set of_products = asked_products(behaviours, products) %}
        {%- if of_products %}
        union all
        select asked.behaviour, daily_activity.*
        from {{ daily_activity }} as daily_activity
        inner join ({{ of_products }}) as asked
            on daily_activity.product_id = asked.product_id
                and daily_activity.activity_type = asked.activity_type
                and daily_activity.activity_on >= asked.first_on
        where daily_activity.activity_on <= {{ as_of_date() }}
        {%- endif %}
    ) as activities
    inner join {{ identity_map }} as identity_map on activities.record_number = identity_map.record_number
    inner join {{ described_profiles }} as described_profiles
        on identity_map.profile_id = described_profiles.profile_id
    group by identity_map.profile_id, activities.behaviour
{%- endmacro %}

{#- The activities of behaviours that ask about no products, a row for each, with the first day that counts: a
    query. -#}
{% macro asked_activities(behaviours) -%}
    {%- set queries = [] -%}
    {%- for name, definition in behaviours.items() if not definition['products'] -%}
        {%- for activity in definition['activities'] -%}
            {%- do queries.append(asked_activity(name, activity, definition)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ queries | join(' union all ') or (
        "select cast(null as " ~ dbt.type_string() ~ ") as behaviour, cast(null as " ~ dbt.type_string()
        ~ ") as activity_type, " ~ as_of_date() ~ " as first_on limit 0"
    ) }}
{%- endmacro %}

{#- The activities of behaviours that ask about products, a row for each and product: a query; empty where there
    are none. -#}
{% macro asked_products(behaviours, products) -%}
    {%- set queries = [] -%}
    {%- for name, definition in behaviours.items() if definition['products'] -%}
        {%- for activity in definition['activities'] -%}
            {%- do queries.append(
                asked_activity(name, activity, definition) ~ ", product_id from " ~ products ~ " where "
                ~ _is_of_products(definition['products'])
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(queries | join(' union all ')) }}
{%- endmacro %}

{#- Whether a product is one of those that filters choose: a condition. -#}
{% macro _is_of_products(filters) -%}
    {%- set conditions = [] -%}
    {%- for filter, values in filters.items() -%}
        {%- set texts = [] -%}
        {%- for value in values -%}
            {%- do texts.append("'" ~ dbt.escape_single_quotes(value) ~ "'") -%}
        {%- endfor -%}
        {%- do conditions.append(product_filters()[filter] ~ " in (" ~ texts | join(', ') ~ ")") -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{%- endmacro %}

{#- The latest time at which the last of some activities can have been: where only its day is known, the end of
    that. -#}
{% macro _latest_time_of(activities) -%}
    {%- set types = types_without_time() -%}
    {%- if types -%}
        case when {{ activities }}.activity_type in ('{{ types | join("', '") }}') then {{ dbt.dateadd('second', 86399, 'cast(' ~ activities ~ '.activity_on as timestamp)') }} else {{ activities }}.last_at end
    {%- else -%}
        {{ activities }}.last_at
    {%- endif -%}
{%- endmacro %}

{#- The types of activity of which only the day is known, as daily_activity declares them. Empty while dbt parses,
    and in unit tests. -#}
{% macro types_without_time() -%}
    {%- set nodes = graph.get('nodes', {}) if execute else {} -%}
    {%- set daily_activity = nodes.get('model.' ~ project_name ~ '.daily_activity') -%}
    {{ return(daily_activity.config.meta['types_without_time'] if daily_activity else []) }}
{%- endmacro %}

{#- One activity of a behaviour, as the beginning of a query. -#}
{% macro asked_activity(name, activity, definition) -%}
    select '{{ dbt.escape_single_quotes(name) }}' as behaviour, '{{ dbt.escape_single_quotes(activity) }}' as activity_type, {{ days_before(definition['within_days'] - 1, as_of_date()) }} as first_on
{%- endmacro %}
