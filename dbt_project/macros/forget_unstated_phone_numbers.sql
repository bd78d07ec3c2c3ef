{#- Takes phone numbers out of identity.phone_numbers that nobody states any more: at the end of a run, when it
    is certain that it has resolved who stated them. -#}
{% macro forget_unstated_phone_numbers() -%}
    delete from {{ ref('phone_numbers') }}
    where
        (phone, region) in (
            select (unstated.phone, unstated.region)
            from (
                select phone, region from {{ ref('phone_numbers') }}
                except
                select phone, region
                from ({{ stated_phone_numbers(ref('customer_records'), ref('consents')) }}) as stated
            ) as unstated
        )
{%- endmacro %}
