{#- All records of the neighbourhoods in which records were when they were last resolved.

    Args:
        records: CTE with the column record_id.

    Returns: a query with the column record_id. -#}
{% macro neighbours_of(records) -%}
    select record_id
    from {{ held_resolutions() }}
    where
        neighbourhood_number in (
            select neighbourhood_number
            from {{ held_resolutions() }}
            where record_id in (select known.record_id from {{ records }} as known)
        )
{%- endmacro %}
