{#- A list of texts, empty where it is null: a list that segments match is never null. -#}
{% macro filled_list(expression) -%}
    {{ return(adapter.dispatch('filled_list', 'customer_segmentation')(expression)) }}
{%- endmacro %}

{% macro duckdb__filled_list(expression) -%}
    coalesce({{ expression }}, cast([] as varchar[]))
{%- endmacro %}

{% macro default__filled_list(expression) -%}
    coalesce({{ expression }}, cast(array() as array<string>))
{%- endmacro %}
