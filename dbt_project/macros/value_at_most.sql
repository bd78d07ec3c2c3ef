{#- An aggregate: the value of the group's row with the most of another expression; of equal ones the last in
    the order of values, so that every run says the same. -#}
{% macro value_at_most(value, by) -%}
    {{ return(adapter.dispatch('value_at_most', 'customer_segmentation')(value, by)) }}
{%- endmacro %}

{% macro duckdb__value_at_most(value, by) -%}
    arg_max({{ value }}, ({{ by }}, {{ value }}))
{%- endmacro %}

{% macro default__value_at_most(value, by) -%}
    max_by({{ value }}, struct({{ by }}, {{ value }}))
{%- endmacro %}
