{#- The sum of `value` over rows within the `days` days that end at `as_of`; 0 where there are none. The day is
    written out, so that it is reckoned once and not for every row. -#}
{% macro sum_within(days, value, day='activity_on') -%}
    coalesce(sum(case when {{ day }} > {{ days_before(days, as_of_date()) }} then {{ value }} end), 0)
{%- endmacro %}
