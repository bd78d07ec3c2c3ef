{#- An aggregate: the group's keys and values as the text of one JSON object, the keys in their order. -#}
{% macro json_object_of(key, value) -%}
    {{ return(adapter.dispatch('json_object_of', 'customer_segmentation')(key, value)) }}
{%- endmacro %}

{% macro duckdb__json_object_of(key, value) -%}
    cast(to_json(map(list({{ key }} order by {{ key }}), list({{ value }} order by {{ key }}))) as {{ dbt.type_string() }})
{%- endmacro %}
