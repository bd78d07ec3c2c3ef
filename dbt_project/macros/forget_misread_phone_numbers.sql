{#- Takes phone numbers out of identity.phone_numbers that were read by other rules than those of now. -#}
{% macro forget_misread_phone_numbers() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where rules_version <> {{ phone_rules_version() }}
    {%- endif -%}
{%- endmacro %}
