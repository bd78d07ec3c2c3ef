{#- An aggregate: the value of the group's row with the least of another expression. -#}
{% macro value_at_least(value, by) -%}
    {{ return(adapter.dispatch('value_at_least', 'customer_segmentation')(value, by)) }}
{%- endmacro %}

{% macro duckdb__value_at_least(value, by) -%}
    arg_min({{ value }}, {{ by }})
{%- endmacro %}

{% macro default__value_at_least(value, by) -%}
    min_by({{ value }}, {{ by }})
{%- endmacro %}
