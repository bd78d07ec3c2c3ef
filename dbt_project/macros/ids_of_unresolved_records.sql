{#- A query of the records that this run resolves.

    Args:
        column: the column that is to be compared with them: their ids, or their numbers (`hash_number`) where
            its name says so. -#}
{% macro ids_of_unresolved_records(column='record_id') -%}
    {%- set record_id = 'unresolved.record_id' -%}
    select {{ hash_number([record_id]) if column.endswith('_number') else record_id }}
    from {{ ref('unresolved_records') }} as unresolved
{%- endmacro %}
