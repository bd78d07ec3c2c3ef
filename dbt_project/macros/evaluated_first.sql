{#- Ends a query of the few rows that are asked for, of many: what later queries compute of a row is computed of
    these alone. DuckDB would compute it of all rows and then look which ones are asked for. Also ends a query
    that computes what others ask for twice: DuckDB would compute it for each of them. -#}
{% macro evaluated_first() -%}
    {{ return(adapter.dispatch('evaluated_first', 'customer_segmentation')()) }}
{%- endmacro %}

{% macro default__evaluated_first() -%}
{%- endmacro %}

{#- A limit that nothing reaches: no condition moves past it. -#}
{% macro duckdb__evaluated_first() -%}
    limit 9223372036854775807
{%- endmacro %}
