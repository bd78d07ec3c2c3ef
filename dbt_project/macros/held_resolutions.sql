{#- identity.resolved_records as the last run that came to its end left it. -#}
{% macro held_resolutions() -%}
    {{ return(held_table('resolved_records', {
        'record_number': dbt.type_bigint(),
        'fingerprint': dbt.type_bigint(),
        'neighbourhood_number': dbt.type_bigint(),
        'rules_fingerprint': dbt.type_string(),
    })) }}
{%- endmacro %}
