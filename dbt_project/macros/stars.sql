{#- The fewest links that connect the records of each value: from the smallest record that states it to all
    others.

    Args:
        identifiers: CTE with the columns record_id, kind and value_number.
        within: further columns of it: records are connected where they agree in these as well.

    Returns: a query with the columns record_id_a, record_id_b, rule (the kind) and those of `within`. -#}
{% macro stars(identifiers, within=[]) -%}
    {%- set value = hash_number(['value_number'] + within) if within else 'value_number' -%}
    select
        centres.record_id as record_id_a,
        stating.record_id as record_id_b,
        stating.kind as rule
        {%- for column in within %},
        stating.{{ column }}
        {%- endfor %}
    from (select *, {{ value }} as centre_number from {{ identifiers }}) as stating
    -- Grouped and joined, not a window: most values stand behind one record, and fall out here.
    inner join (
        select
            {{ value }} as centre_number,
            min(record_id) as record_id
        from {{ identifiers }}
        group by centre_number
        having count(*) > 1
    ) as centres on stating.centre_number = centres.centre_number
    where stating.record_id <> centres.record_id
{%- endmacro %}
