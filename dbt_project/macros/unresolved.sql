{#- A filter for a relation of the stage identity, right behind its name: only what belongs to records that
    this run resolves, where a model adds to what it has; everything where it is built from nothing.

    Args:
        column: the relation's column with the number of a record. -#}
{% macro unresolved(column='record_number') -%}
    {%- if not execute or is_incremental() -%}
    where {{ column }} in ({{ numbers_of_unresolved_records() }})
    {%- endif -%}
{%- endmacro %}
