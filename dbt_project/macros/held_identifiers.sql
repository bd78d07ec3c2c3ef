{#- identity.identifiers as it was before this run. -#}
{% macro held_identifiers() -%}
    {{ return(held_table('identifiers', {
        'record_id': dbt.type_string(),
        'kind': dbt.type_string(),
        'value': dbt.type_string(),
    })) }}
{%- endmacro %}
