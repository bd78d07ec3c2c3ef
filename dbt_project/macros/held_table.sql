{#- A table of the stage identity as an earlier run left it: what a model compares with that cannot refer to
    it, since the table comes later in the graph; a query without rows where there is no such table yet, or
    an older release of the project left it without one of the columns.

    Args:
        identifier: the table's name.
        columns: its columns that are read, with their types. -#}
{% macro held_table(identifier, columns) -%}
    {%- set table = identity_relation(identifier) -%}
    {%- if execute and adapter.get_relation(table.database, table.schema, table.identifier) -%}
        {%- set held_columns = adapter.get_columns_in_relation(table) | map(attribute='name') | list -%}
        {%- if columns.keys() | reject('in', held_columns) | list | length == 0 -%}
            {{ return(table) }}
        {%- endif -%}
    {%- endif -%}
    (
        select
            {% for column, type in columns.items() -%}
            cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        limit 0
    )
{%- endmacro %}
