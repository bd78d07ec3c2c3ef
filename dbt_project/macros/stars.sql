{#- The fewest links that connect the records of each value: from the smallest record that states it to all
    others.

    Args:
        identifiers: CTE with a column for the record and the columns kind and value_number.
        record: that column.
        within: further columns of it: records are connected where they agree in these as well.
        carried: columns of it that depend on the record alone and are wanted of both.

    Returns: a query with the columns <record>_a, <record>_b, rule (the kind), those of `within`, and those of
        `carried` with _a and _b. -#}
{% macro stars(identifiers, record='record_id', within=[], carried=[]) -%}
    {%- set shared = ['value_number'] + within -%}
    select
        centres.{{ record }} as {{ record }}_a,
        stating.{{ record }} as {{ record }}_b,
        {%- for column in carried %}
        centres.{{ column }} as {{ column }}_a,
        stating.{{ column }} as {{ column }}_b,
        {%- endfor %}
        stating.kind as rule
        {%- for column in within %},
        stating.{{ column }}
        {%- endfor %}
    from {{ identifiers }} as stating
    -- Grouped and joined, not a window: most values stand behind one record, and fall out here.
    inner join (
        select
            {{ shared | join(', ') }},
            min({{ record }}) as {{ record }}
            {%- for column in carried %},
            {{ value_at_least(column, record) }} as {{ column }}
            {%- endfor %}
        from {{ identifiers }}
        group by {{ shared | join(', ') }}
        having count(*) > 1
    ) as centres
        on
            {% for column in shared -%}
            {{ 'and ' if not loop.first }}stating.{{ column }} = centres.{{ column }}
            {% endfor %}
    where stating.{{ record }} <> centres.{{ record }}
{%- endmacro %}
