{#- A date's or time's day of the week: 1 is Monday, 7 is Sunday. -#}
{% macro iso_weekday(expression) -%}
    {{ return(adapter.dispatch('iso_weekday', 'customer_segmentation')(expression)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(expression) -%}
    extract(isodow from {{ expression }})
{%- endmacro %}

{% macro default__iso_weekday(expression) -%}
    (weekday({{ expression }}) + 1)
{%- endmacro %}
