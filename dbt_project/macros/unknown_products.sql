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
    select behaviour, {{ dbt.listagg('fault', "'; '", 'order by fault') }} as fault
    from (
        select behaviour,
            'no product has the ' || filter || ' ''' || value || ''''
            || coalesce(' (near it are: ' || {{ dbt.listagg('near_value', "', '", 'order by nearness') }} || ')', '') as fault
        from (
            select unknown.behaviour, unknown.filter, unknown.value, near.value as near_value,
                row_number() over (
                    partition by unknown.behaviour, unknown.filter, unknown.value
                    order by {{ text_similarity('near.value', 'unknown.value') }} desc, near.value
                ) as nearness
            from (
                select asked.behaviour, asked.filter, asked.value
                from ({{ asked | join(' union all ') }}) as asked
                left join ({{ known.values() | join(' union all ') }}) as known
                    on asked.filter = known.filter and asked.value = known.value
                where known.value is null
            ) as unknown
            left join ({{ known.values() | join(' union all ') }}) as near
                on
                    unknown.filter = near.filter
                    and {{ text_similarity('near.value', 'unknown.value') }} >= 0.75
        ) as near_values
        where nearness <= 3
        group by behaviour, filter, value
        {%- if impossible %}
        union all
        {{ impossible | join(' union all ') }}
        {%- endif %}
    ) as faults
    group by behaviour
    {%- else -%}
    select cast(null as {{ dbt.type_string() }}) as behaviour, cast(null as {{ dbt.type_string() }}) as fault limit 0
    {%- endif -%}
{%- endmacro %}
