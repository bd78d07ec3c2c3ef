{#- The fewest links that connect the records of each value: from the smallest record that states it to all
    others.

    Args:
        identifiers: CTE with the columns record_id, kind and value.
        also: further columns of it to hand on, of the outer record.

    Returns: a query with the columns record_id_a, record_id_b and rule (the kind). -#}
{% macro stars(identifiers, also=[]) -%}
    select
        centres.record_id as record_id_a,
        stating.record_id as record_id_b,
        stating.kind as rule
        {%- for column in also %},
        stating.{{ column }}
        {%- endfor %}
    from {{ identifiers }} as stating
    -- Grouped and joined, not a window: most values stand behind one record, and fall out here.
    inner join (
        select
            kind,
            value,
            min(record_id) as record_id
        from {{ identifiers }}
        group by kind, value
        having count(*) > 1
    ) as centres
        on
            stating.kind = centres.kind
            and stating.value = centres.value
    where stating.record_id <> centres.record_id
{%- endmacro %}
