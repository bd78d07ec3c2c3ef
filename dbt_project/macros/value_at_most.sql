{#- An aggregate: the value of the group's row with the most of another expression; of equal ones the last in
    the order of values, so that every run says the same.

    Args:
        value: expression of the group's rows.
        by: what the most is of.
        then_by: what equal ones are ordered by where it is not the value itself. -#}
{% macro value_at_most(value, by, then_by=none) -%}
    {{ return(adapter.dispatch('value_at_most', 'customer_segmentation')(value, by, then_by or value)) }}
{%- endmacro %}

{% macro duckdb__value_at_most(value, by, then_by) -%}
    arg_max({{ value }}, ({{ by }}, {{ then_by }}))
{%- endmacro %}

{% macro default__value_at_most(value, by, then_by) -%}
    max_by({{ value }}, struct({{ by }}, {{ then_by }}))
{%- endmacro %}
