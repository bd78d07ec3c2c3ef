{#- identity.phone_numbers as it was before this run. -#}
{% macro held_phone_numbers() -%}
    {{ return(held_table('phone_numbers', {
        'phone': dbt.type_string(),
        'region': dbt.type_string(),
        'value': dbt.type_string(),
        'rules_version': dbt.type_string(),
    })) }}
{%- endmacro %}
