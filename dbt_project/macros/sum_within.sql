{#- The sum of `value` over rows that satisfy `condition` within the `days` days that end at `as_of`; 0 where there
    are none. -#}
{% macro sum_within(days, value, condition='true', day='activity_on') -%}
    coalesce(sum(case when {{ condition }} and {{ day }} > {{ days_before(days) }} then {{ value }} end), 0)
{%- endmacro %}
