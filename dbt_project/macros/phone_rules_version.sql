{#- The name of the rules by which phone numbers are read, as text in quotes: it changes with them, and with
    the country by whose rules a number is read that names none. -#}
{% macro phone_rules_version() -%}
    {{ return(adapter.dispatch('phone_rules_version', 'customer_segmentation')()) }}
{%- endmacro %}

{#- Asked for while dbt compiles, so that the compiled SQL needs no variable; dagster_project.sql_functions sets
    it. -#}
{% macro duckdb__phone_rules_version() -%}
    {%- if execute -%}
        {%- set versions = run_query("select getvariable('phone_rules_version')") -%}
        '{{ versions.columns[0].values()[0] }}, {{ var("default_region") }}'
    {%- else -%}
        ''
    {%- endif -%}
{%- endmacro %}
