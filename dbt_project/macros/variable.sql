{#- The value of a variable of the session: see `set_variable`. -#}
{% macro variable(name) -%}
    {{ return(adapter.dispatch('variable', 'customer_segmentation')(name)) }}
{%- endmacro %}

{% macro duckdb__variable(name) -%}
    getvariable('{{ name }}')
{%- endmacro %}

{% macro default__variable(name) -%}
    {{ name }}
{%- endmacro %}
