{#- A select that brings a relation into the shape of conformed.customer_records: one arm of its union.
    What the relation does not know is null.

    Args:
        source: name of the source of the records.
        key: the relation's column with a record's id in that source.
        relation: relation or CTE with a row per record.
        custom: what custom_attributes returns.
        known: the attributes that it knows, under their names in customer_records.
        renamed: further ones, as attribute: expression.
        stated_in: the staging model, where the relation has its columns: custom attributes are taken from it.
        first_seen_at, updated_at: its columns with the times.
        condition: which of its rows are records; all without one. -#}
{% macro customer_records_of(
    source, key, relation, custom, known=[], renamed={}, stated_in=none, first_seen_at='first_seen_at',
    updated_at='updated_at', condition='true'
) -%}
    select
        {{ record_id(source, key) }} as record_id,
        '{{ source }}' as source,
        {{ key }} as source_record_id,
        {% for attribute, type in attributes_of_records().items() -%}
        {% if attribute in renamed -%}
        {{ renamed[attribute] }} as {{ attribute }},
        {% elif attribute in known or attribute in custom.stated.get(stated_in, []) -%}
        {{ attribute }},
        {% else -%}
        cast(null as {{ type }}) as {{ attribute }},
        {% endif -%}
        {% endfor -%}
        {% for attribute in custom.attributes -%}
        cast({{ attribute if attribute in custom.stated.get(stated_in, []) else 'null' }} as {{ dbt.type_string() }})
            as {{ attribute }},
        {% endfor -%}
        {{ first_seen_at }} as first_seen_at,
        {{ updated_at }} as updated_at
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}

{#- The attributes that conformed.customer_records has by itself, with their types. -#}
{% macro attributes_of_records() -%}
    {%- set text = dbt.type_string() -%}
    {{ return({
        'first_name': text, 'last_name': text, 'email': text, 'phone': text, 'birth_date': 'date',
        'gender': text, 'street': text, 'postcode': text, 'city': text, 'country': text,
        'customer_id': text, 'loyalty_id': text, 'account_id': text, 'device_id': text, 'income_band': text,
        'household_size': text, 'home_ownership': text, 'marital_status': text, 'kids_count': text,
        'education': text, 'occupation': text, 'loyalty_tier': text,
    }) }}
{%- endmacro %}
