{#- Takes phone numbers out of identity.phone_numbers that nobody states any more: at the end of a run, when it
    is certain that it has resolved who stated them. -#}
{% macro forget_unstated_phone_numbers() -%}
    delete from {{ ref('phone_numbers') }}
    where
        (phone, region) not in (
            select (stated.phone, stated.region)
            from ({{ stated_phone_numbers(ref('customer_records'), ref('consents')) }}) as stated
        )
{%- endmacro %}
