{#- The name of the rules by which phone numbers are read, as text in quotes: it changes with them, and with
    the country by whose rules a number is read that names none. -#}
{% macro phone_rules_version() -%}
    {{ return(adapter.dispatch('phone_rules_version', 'customer_segmentation')()) }}
{%- endmacro %}

{#- Asked for while dbt compiles, so that the compiled SQL needs no variable; dagster_project.sql_functions sets
    it. -#}
{% macro duckdb__phone_rules_version() -%}
    {%- if execute -%}
        {%- set version = run_query('select ' ~ variable('phone_rules_version')).columns[0].values()[0] -%}
        {%- if not version -%}
            {{ exceptions.raise_compiler_error(
                'The plugin dagster_project.sql_functions did not say by which rules phone numbers are read: '
                ~ 'let profiles.yml name it, as that of this project does.'
            ) }}
        {%- endif -%}
        '{{ version }}, {{ var("default_region") }}'
    {%- else -%}
        ''
    {%- endif -%}
{%- endmacro %}
