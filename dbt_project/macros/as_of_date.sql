{#- The day that a feature model's row describes: the batch's day, or where there is no batch the one that
    set_as_of has set (a preview), or the variable `as_of` (compilation, unit tests). Never the clock. -#}
{% macro as_of_date() -%}
    {%- set day = model.get('as_of') or var('as_of') -%}
    {%- if model.get('batch') -%}
        {%- set day = model.batch.event_time_start.strftime('%Y-%m-%d') -%}
    {%- endif -%}
    cast('{{ day }}' as date)
{%- endmacro %}
