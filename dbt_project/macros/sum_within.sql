{#- The sum of a column within the `days` days that end at `as_of`; 0 where there is nothing. -#}
{% macro sum_within(days, expression, day='occurred_on') -%}
    sum(case when {{ day }} > {{ days_before(days) }} then {{ expression }} else 0 end)
{%- endmacro %}
