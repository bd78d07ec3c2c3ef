{#- identity.identity_rejected_links as it was before this run. -#}
{% macro held_rejected_links() -%}
    {{ return(held_table('identity_rejected_links', {
        'record_id_a': dbt.type_string(),
        'record_id_b': dbt.type_string(),
        'rule': dbt.type_string(),
        'weight': 'double',
    })) }}
{%- endmacro %}
