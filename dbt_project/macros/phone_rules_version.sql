{#- The name of the rules by which phone numbers are read, as text in quotes: it changes with them. -#}
{% macro phone_rules_version() -%}
    {{ return(adapter.dispatch('phone_rules_version', 'customer_segmentation')()) }}
{%- endmacro %}

{#- Asked for while dbt compiles, so that who reads the compiled SQL needs no function of Python's. -#}
{% macro duckdb__phone_rules_version() -%}
    {%- if execute -%}
        {%- set versions = run_query("select phone_rules_version('" ~ var('default_region') ~ "')") -%}
        '{{ versions.columns[0].values()[0] }}'
    {%- else -%}
        ''
    {%- endif -%}
{%- endmacro %}
