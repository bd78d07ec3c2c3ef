{#- What behaviours ask of products that no product has, which may be misspelt: a query of behaviour and fault, a
    sentence's end that names near values. No row where nothing is wrong.

    Args:
        behaviours: definitions by name, as the macro `behaviour` makes them.
        products: relation or CTE. -#}
{% macro unknown_products(behaviours, products) -%}
    {%- set asked = [] -%}
    {%- set known = {} -%}
    {%- set impossible = [] -%}
    {%- for name, definition in behaviours.items() -%}
        {%- set behaviour = "'" ~ dbt.escape_single_quotes(name) ~ "' as behaviour" -%}
        {%- for filter, values in definition['products'].items() -%}
            {%- set column = product_filters()[filter] -%}
            {%- do known.update({filter: "select distinct '" ~ filter ~ "' as filter, " ~ column ~ " as value from "
                ~ products}) -%}
            {%- for value in values -%}
                {%- do asked.append("select " ~ behaviour ~ ", '" ~ filter ~ "' as filter, '"
                    ~ dbt.escape_single_quotes(value) ~ "' as value") -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if definition['products'] | length > 1 -%}
            {%- set counts = ["count(case when " ~ _is_of_products(definition['products']) ~ " then 1 end) = 0"] -%}
            {%- for filter, values in definition['products'].items() -%}
                {%- do counts.append("count(case when " ~ _is_of_products({filter: values}) ~ " then 1 end) > 0") -%}
            {%- endfor -%}
            {%- do impossible.append("select " ~ behaviour ~ ", 'no product is all of that at once' as fault from "
                ~ products ~ " having " ~ counts | join(' and ')) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if asked -%}
    with asked_values as (

        {{ asked | join(' union all ') }}

    ),

    known_values as (

        {{ known.values() | join(' union all ') }}

    ),

    unknown_values as (

        select
            asked_values.behaviour,
            asked_values.filter,
            asked_values.value
        from asked_values
        left join known_values
            on
                asked_values.filter = known_values.filter
                and asked_values.value = known_values.value
        where known_values.value is null

    ),

    near_values as (

        select
            unknown_values.behaviour,
            unknown_values.filter,
            unknown_values.value,
            known_values.value as near_value,
            row_number() over (
                partition by unknown_values.behaviour, unknown_values.filter, unknown_values.value
                order by
                    {{ text_similarity('known_values.value', 'unknown_values.value') }} desc,
                    known_values.value
            ) as nearness
        from unknown_values
        left join known_values
            on
                unknown_values.filter = known_values.filter
                and {{ text_similarity('known_values.value', 'unknown_values.value') }} >= 0.75

    ),

    faults as (

        select
            behaviour,
            'no product has the ' || filter || ' ''' || value || ''''
            || coalesce(' (near it are: ' || {{ dbt.listagg('near_value', "', '", 'order by nearness') }} || ')', '')
                as fault
        from near_values
        where nearness <= 3
        group by behaviour, filter, value
        {%- for fault in impossible %}
        union all
        {{ fault }}
        {%- endfor %}

    )

    select
        behaviour,
        {{ dbt.listagg('fault', "'; '", 'order by fault') }} as fault
    from faults
    group by behaviour
    {%- else -%}
    select cast(null as {{ dbt.type_string() }}) as behaviour, cast(null as {{ dbt.type_string() }}) as fault limit 0
    {%- endif -%}
{%- endmacro %}
