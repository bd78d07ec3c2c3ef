{#- The day that a feature model's row describes: the batch's day, or the variable `as_of` where
    there is no batch (compilation, unit tests). Never the clock. -#}
{% macro as_of_date() -%}
    {%- set batch = model.get('batch') -%}
    {%- set day = batch['event_time_start'].strftime('%Y-%m-%d') if batch else var('as_of') -%}
    cast('{{ day }}' as date)
{%- endmacro %}
