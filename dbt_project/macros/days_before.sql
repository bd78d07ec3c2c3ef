{#- The day that lies `days` days before `day`. A window of N days that ends at `day` holds the dates
    after `days_before(N, day)`. -#}
{% macro days_before(days, day='as_of') -%}
    cast({{ dbt.dateadd('day', -1 * days, day) }} as date)
{%- endmacro %}
