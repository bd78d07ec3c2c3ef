{#- A table of the stage identity as an earlier run left it: what a model compares with that cannot refer to
    it, since the table comes later in the graph; a query without rows where there is no such table yet.

    Args:
        identifier: the table's name.
        columns: its columns that are read, with their types. -#}
{% macro held_table(identifier, columns) -%}
    {%- set table = identity_relation(identifier) -%}
    {%- if execute and adapter.get_relation(table.database, table.schema, table.identifier) -%}
        {{ return(table) }}
    {%- endif -%}
    (
        select
            {% for column, type in columns.items() -%}
            cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        limit 0
    )
{%- endmacro %}
