{#- identity.identity_map as it was before this run. -#}
{% macro held_map() -%}
    {{ return(held_table('identity_map', {'record_id': dbt.type_string()})) }}
{%- endmacro %}
