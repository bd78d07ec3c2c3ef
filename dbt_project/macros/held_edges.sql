{#- identity.identity_edges as it was before this run. -#}
{% macro held_edges() -%}
    {{ return(held_table('identity_edges', {
        'record_id_a': dbt.type_string(),
        'record_id_b': dbt.type_string(),
        'rule': dbt.type_string(),
        'weight': 'double',
    })) }}
{%- endmacro %}
