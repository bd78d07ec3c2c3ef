{#- All records of the neighbourhoods in which records were when they were last resolved.

    Args:
        records: CTE with the column record_number.

    Returns: a query with the column record_number. -#}
{% macro neighbours_of(records) -%}
    select record_number
    from {{ held_resolutions() }}
    where
        neighbourhood_number in (
            select neighbourhood_number
            from {{ held_resolutions() }}
            where
                record_number in (
                    select known.record_number from {{ records }} as known
                    where {{ every_key('known.record_number') }}
                )
        )
{%- endmacro %}
