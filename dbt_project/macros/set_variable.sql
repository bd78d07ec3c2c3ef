{#- A statement that gives a value to a variable of the session, which queries read by `variable`. -#}
{% macro set_variable(name, value) -%}
    {{ return(adapter.dispatch('set_variable', 'customer_segmentation')(name, value)) }}
{%- endmacro %}

{% macro duckdb__set_variable(name, value) -%}
    set variable {{ name }} = {{ value }}
{%- endmacro %}

{% macro default__set_variable(name, value) -%}
    declare or replace variable {{ name }} = {{ value }}
{%- endmacro %}
