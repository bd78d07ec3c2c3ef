{#- identity.identity_proposals as it was before this run. -#}
{% macro held_proposals() -%}
    {{ return(held_table('identity_proposals', {
        'record_number': dbt.type_bigint(),
        'profile_id': dbt.type_string(),
    })) }}
{%- endmacro %}
