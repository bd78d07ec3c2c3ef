{#- The values of a group as a list in their order, without nulls; null where there is none. -#}
{% macro sorted_list(expression) -%}
    {{ return(adapter.dispatch('sorted_list', 'customer_segmentation')(expression)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(expression) -%}
    list_sort(list({{ expression }}) filter (where ({{ expression }}) is not null))
{%- endmacro %}

{% macro default__sorted_list(expression) -%}
    nullif(array_sort(collect_list({{ expression }})), array())
{%- endmacro %}
