{#- Whether a model adds to the table that it made before: as is_incremental(), but not where an older release left
    the table without a column that the model reads there, which is made anew then.

    Args:
        column: the column's name. -#}
{% macro is_brought_up_to_date_with(column) -%}
    {{ return(
        is_incremental() and column in (adapter.get_columns_in_relation(this) | map(attribute='name') | list)
    ) }}
{%- endmacro %}
