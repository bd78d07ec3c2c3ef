{#- An aggregate: how many different values the lists of a group hold together. -#}
{% macro distinct_count_of_lists(lists) -%}
    {{ return(adapter.dispatch('distinct_count_of_lists', 'customer_segmentation')(lists)) }}
{%- endmacro %}

{% macro duckdb__distinct_count_of_lists(lists) -%}
    len(list_distinct(flatten(list({{ lists }}))))
{%- endmacro %}

{% macro default__distinct_count_of_lists(lists) -%}
    size(array_distinct(flatten(collect_list({{ lists }}))))
{%- endmacro %}
