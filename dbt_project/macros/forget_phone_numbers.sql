{#- Takes away phone numbers that nobody states any more, or that were read by other rules than those of now,
    before identity.phone_numbers adds the new ones. -#}
{% macro forget_phone_numbers() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        rules_version <> {{ phone_rules_version() }}
        or (phone, region) not in (
            select (stated.phone, stated.region)
            from ({{ stated_phone_numbers(ref('customer_records'), ref('consents')) }}) as stated
        )
    {%- endif -%}
{%- endmacro %}
