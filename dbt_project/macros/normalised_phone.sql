{#- A phone number as E.164, by the rules of a country. Null: none that anybody can have. A tenth of a
    millisecond each: only identity.phone_numbers asks for it, everybody else looks there.

    Args:
        phone: expression of the number as written.
        region: expression of the country's two letters. -#}
{% macro normalised_phone(phone, region) -%}
    {{ return(adapter.dispatch('normalised_phone', 'customer_segmentation')(phone, region)) }}
{%- endmacro %}

{#- A Python function: dagster_project.sql_functions. -#}
{% macro duckdb__normalised_phone(phone, region) -%}
    normalise_phone({{ phone }}, {{ region }}, '{{ var('default_region') }}')
{%- endmacro %}
