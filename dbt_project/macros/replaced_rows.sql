{#- Statements that take rows out of a table and put others in their place. Rows that stay as they are stay where
    they are, if the engine can tell: most of what a day resolves comes out as it was, and what is written
    again has to be put in order again. Rows are told apart by all their columns: no two may be the same.

    Args:
        relation: the table.
        condition: which of its rows are replaced.
        rows: the relation with the rows that take their place.
        columns: the names of all columns, in quotes. -#}
{% macro replaced_rows(relation, condition, rows, columns) -%}
    {{ return(adapter.dispatch('replaced_rows', 'customer_segmentation')(relation, condition, rows, columns)) }}
{%- endmacro %}

{% macro default__replaced_rows(relation, condition, rows, columns) -%}
    delete from {{ relation }} where {{ condition }};
    insert into {{ relation }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from {{ rows }}
{%- endmacro %}

{#- Columns are compared themselves: DuckDB's hash confuses texts. -#}
{% macro duckdb__replaced_rows(relation, condition, rows, columns) -%}
    {%- set held = adapter.quote(rows.identifier ~ '_held') -%}
    {%- set is_same -%}
        {% for column in columns -%}
        held.{{ column }} is not distinct from latest.{{ column }} {{ 'and' if not loop.last }}
        {% endfor %}
    {%- endset -%}
    create or replace temp table {{ held }} as
    select rowid as held_row, {{ columns | join(', ') }} from {{ relation }} where {{ condition }};
    delete from {{ relation }}
    where rowid in (
        select held.held_row from {{ held }} as held
        where not exists (select 1 from {{ rows }} as latest where {{ is_same }})
    );
    insert into {{ relation }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from {{ rows }} as latest
    where not exists (select 1 from {{ held }} as held where {{ is_same }});
    drop table {{ held }}
{%- endmacro %}
