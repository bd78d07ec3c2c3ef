{#- From which day on a feature "ever" adds up days: the first of the calendar year in which the window of
    `days` days begins. What lies before it is whole years, which conformed.yearly_activity has. -#}
{% macro first_day_by_day(days=365) -%}
    cast({{ dbt.date_trunc('year', days_before(days - 1, as_of_date())) }} as date)
{%- endmacro %}
