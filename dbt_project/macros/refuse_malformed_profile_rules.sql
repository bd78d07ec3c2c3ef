{#- Stops with an error that says what is wrong where the rules by which a profile gets its attributes
    cannot be followed: a row, and what to do about it. Says nothing before the seeds have been built, so
    that an empty warehouse compiles.

    Args:
        rules: the relation of the seed profile_attribute_rules.
        priorities: the relation of the seed source_priorities.
        customer_records: the relation whose columns are the attributes. -#}
{% macro refuse_malformed_profile_rules(rules, priorities, customer_records) -%}
    {#- The rows of a unit test stand in no schema. -#}
    {%- if execute and rules.schema and load_relation(rules) and load_relation(priorities)
        and load_relation(customer_records) -%}
        {%- set columns = adapter.get_columns_in_relation(customer_records) | map(attribute='name') | list -%}
        {{ refuse_faults(_faults_of_profile_rules(rules, priorities, columns)) }}
    {%- endif -%}
{%- endmacro %}

{% macro _faults_of_profile_rules(rules, priorities, columns) -%}
    {%- set known_rules = ['most_recent', 'most_frequent', 'source_order', 'longest'] -%}
    with rules as (
        select
            attribute,
            coalesce(attribute_group, attribute) as attribute_group,
            rule,
            'seeds/profile_attribute_rules.csv, row of ' || coalesce(attribute, 'no attribute') || ': ' as place
        from {{ rules }}
    ),

    priorities as (
        select
            attribute_group,
            'seeds/source_priorities.csv, row of ' || coalesce(attribute_group, 'no attribute_group') || ': ' as place
        from {{ priorities }}
    ),

    faults as (
        select
            place || coalesce('''' || rule || ''' is no rule', 'there is no rule')
            || '. Write one of {{ known_rules | join(', ') }}.' as fault
        from rules
        where rule is null or rule not in ('{{ known_rules | join("', '") }}')
        union
        select
            place || 'conformed.customer_records has no such column, and no staging model that it is made of '
            || 'row by row. Add it to one, or take the row out.' as fault
        from rules
        where attribute is null or attribute not in ('{{ columns | join("', '") }}')
        union
        select
            place || 'the attribute has more than one row. Keep one.' as fault
        from rules
        group by attribute, place
        having count(*) > 1
        union
        select
            'seeds/profile_attribute_rules.csv, rows of the group ' || attribute_group
            || ': they name different rules, but a group is taken from one record. Write the same rule.' as fault
        from rules
        group by attribute_group
        having count(distinct rule) > 1
        union
        select
            rules.place || 'source_order needs an order. Give ' || rules.attribute_group
            || ' its sources in seeds/source_priorities.csv.' as fault
        from rules
        left join priorities on rules.attribute_group = priorities.attribute_group
        where rules.rule = 'source_order' and priorities.attribute_group is null
        union
        select
            priorities.place || 'no row of seeds/profile_attribute_rules.csv with the rule source_order '
            || 'belongs to it. Correct the name, or take the row out.' as fault
        from priorities
        left join rules
            on priorities.attribute_group = rules.attribute_group and rules.rule = 'source_order'
        where rules.attribute_group is null
    )

    select fault from faults order by fault
{%- endmacro %}
