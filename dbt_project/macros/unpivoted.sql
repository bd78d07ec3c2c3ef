{#- A relation stood on end: a query with a row for every row and column that has a value.

    Which columns there are the engine finds out when the query runs, so that a new one needs no change
    here, and nothing is looked up while dbt compiles.

    Args:
        relation: relation or CTE.
        key: its column that names a row.

    Returns: a query with the columns `key`, `attribute` (a column's name) and `value` (as text). -#}
{% macro unpivoted(relation, key) -%}
    {{ return(adapter.dispatch('unpivoted', 'customer_segmentation')(relation, key)) }}
{%- endmacro %}

{% macro duckdb__unpivoted(relation, key) -%}
    select
        {{ key }},
        attribute,
        value
    from (
        unpivot (
            select
                {{ key }},
                cast(columns(* exclude ({{ key }})) as {{ dbt.type_string() }})
            from {{ relation }}
        )
        on columns(* exclude ({{ key }}))
        into name attribute value value
    )
{%- endmacro %}
