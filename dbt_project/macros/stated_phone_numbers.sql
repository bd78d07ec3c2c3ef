{#- The phone numbers that customer records, earlier statements about them and statements of consent write, each
    with the country by whose rules it is to be read: that of the record, else the deployment's own. A statement
    of consent names no country, so its number is read by the rules of every one.

    Args:
        customer_records: CTE or relation, some of conformed.customer_records or all.
        contact_statements: CTE or relation.
        consents: CTE or relation.

    Returns: a query with the columns phone and region; a number may come more than once. -#}
{% macro stated_phone_numbers(customer_records, contact_statements, consents) -%}
    select
        phone,
        {{ phone_region('country') }} as region
    from {{ customer_records }}
    where phone is not null
    union all
    select
        value as phone,
        {{ phone_region('country') }} as region
    from {{ contact_statements }}
    where kind = 'phone' and not is_current
    union all
    select
        stated.phone,
        regions.region
    from (select distinct phone from {{ consents }} where phone is not null) as stated
    cross join (
        select {{ phone_region('country') }} as region from {{ ref('customer_records') }} where phone is not null
        union
        select '{{ var("default_region") }}' as region
    ) as regions
{%- endmacro %}
