{#- What records can be recognised by, as entered and in the form in which it is compared.

    Args:
        customer_records: CTE with the columns of conformed.customer_records.
        phone_numbers: CTE with the columns of identity.phone_numbers.

    Returns: a query with the columns record_id, record_number, kind, original_value, contact_value (as one
        writes to it) and value (null where it is not valid). -#}
{% macro stated_identifiers(customer_records, phone_numbers) -%}
    {% for kind, contact_value, value in [
        ('email', contact_email('email'), normalised_email('email')),
        ('loyalty_id', 'null', 'upper(loyalty_id)'),
        ('account_id', 'null', 'account_id'),
        ('customer_id', 'null', 'customer_id'),
        ('device_id', 'null', 'device_id'),
    ] %}
    select
        record_id,
        record_number,
        '{{ kind }}' as kind,
        {{ kind }} as original_value,
        {{ contact_value }} as contact_value,
        {{ value }} as value
    from {{ customer_records }}
    where {{ kind }} is not null
    union all
    {% endfor %}
    select
        records.record_id,
        records.record_number,
        'phone' as kind,
        records.phone as original_value,
        numbers.value as contact_value,
        numbers.value
    from {{ customer_records }} as records
    left join {{ phone_numbers }} as numbers
        on
            records.phone = numbers.phone
            and {{ phone_region('records.country') }} = numbers.region
    where records.phone is not null
{%- endmacro %}
