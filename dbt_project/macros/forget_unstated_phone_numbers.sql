{#- Takes phone numbers out of identity.phone_numbers of which nobody is left who ever stated them: at the end of
    a run, when it is certain that it has resolved who did. -#}
{% macro forget_unstated_phone_numbers() -%}
    delete from {{ ref('phone_numbers') }}
    where
        (phone, region) in (
            select (unstated.phone, unstated.region)
            from (
                select phone, region from {{ ref('phone_numbers') }}
                except
                select phone, region
                from ({{ stated_phone_numbers(
                    ref('customer_records'), ref('contact_statements'), ref('consents')
                ) }}) as stated
            ) as unstated
        )
{%- endmacro %}
