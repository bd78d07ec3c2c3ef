{#- A query of the records that this run resolves.

    Args:
        column: the column that is to be compared with them: one of their numbers, or of their ids. -#}
{% macro ids_of_unresolved_records(column='record_id') -%}
    {%- set known_by = 'record_number' if column in ['record_number', 'component_number'] else 'record_id' -%}
    select unresolved.{{ known_by }} from {{ ref('unresolved_records') }} as unresolved
{%- endmacro %}
