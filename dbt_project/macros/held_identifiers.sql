{#- identity.identifiers as it was before this run. -#}
{% macro held_identifiers() -%}
    {{ return(held_table('identifiers', {
        'record_number': dbt.type_bigint(),
        'kind': dbt.type_string(),
        'value_number': dbt.type_bigint(),
    })) }}
{%- endmacro %}
