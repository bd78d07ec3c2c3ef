{#- A list of texts without any. -#}
{% macro empty_list() -%}
    {{ return(adapter.dispatch('empty_list', 'customer_segmentation')()) }}
{%- endmacro %}

{% macro duckdb__empty_list() -%}
    cast([] as varchar[])
{%- endmacro %}

{% macro default__empty_list() -%}
    cast(array() as array<string>)
{%- endmacro %}
