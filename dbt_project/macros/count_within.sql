{#- How many rows satisfy `condition` within the `days` days that end at `as_of`. -#}
{% macro count_within(days, condition, day='occurred_on') -%}
    count(case when {{ condition }} and {{ day }} > {{ days_before(days) }} then 1 end)
{%- endmacro %}
