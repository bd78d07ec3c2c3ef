{#- identity.identity_components as it was before this run. -#}
{% macro held_components() -%}
    {{ return(held_table('identity_components', {'record_id': dbt.type_string()})) }}
{%- endmacro %}
