{#- Whether a list holds the value of an expression.

    Args:
        list: column with a list of texts.
        expression: what to look for. -#}
{% macro list_has(list, expression) -%}
    {{ return(adapter.dispatch('list_has', 'customer_segmentation')(list, expression)) }}
{%- endmacro %}

{% macro duckdb__list_has(list, expression) -%}
    list_contains({{ list }}, {{ expression }})
{%- endmacro %}

{% macro default__list_has(list, expression) -%}
    array_contains({{ list }}, {{ expression }})
{%- endmacro %}
