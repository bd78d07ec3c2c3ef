{#- Stops with an error that names the row, what is wrong with it and what to do, where the rules by which records
    are linked, or values that link nobody, cannot be followed: a kind that nobody states would link nothing
    and tell nobody. Says nothing before the seeds have been built.

    Args:
        rules: the relation of the seed identity_rules.
        blocklist: the relation of the seed identifier_blocklist. -#}
{% macro refuse_malformed_identity_rules(rules, blocklist) -%}
    {#- The rows of a unit test stand in no schema. -#}
    {%- if execute and rules.schema and load_relation(rules) and load_relation(blocklist) -%}
        {{ refuse_faults(_faults_of_identity_rules(rules, blocklist)) }}
    {%- endif -%}
{%- endmacro %}

{% macro _faults_of_identity_rules(rules, blocklist) -%}
    {%- set stated_kinds = ['email', 'phone', 'loyalty_id', 'account_id', 'customer_id', 'device_id'] -%}
    {%- set kinds = stated_kinds + ['email_and_name', 'phone_and_name'] -%}
    {%- set blocked_kinds = stated_kinds + ['birth_date'] -%}
    with rules as (
        select
            *,
            'seeds/identity_rules.csv, row of ' || coalesce(kind, 'no kind') || ': ' as place
        from {{ rules }}
    ),

    blocklist as (
        select
            *,
            'seeds/identifier_blocklist.csv, row of ' || coalesce(kind, 'no kind') || ' and '
            || coalesce(value, 'no value') || ': ' as place
        from {{ blocklist }}
    ),

    faults as (
        select
            place || coalesce('''' || kind || ''' is no kind of identifier', 'there is no kind')
            || '. Write one of {{ kinds | join(', ') }}.' as fault
        from rules
        where kind is null or kind not in ('{{ kinds | join("', '") }}')
        union
        select place || 'the kind has more than one row. Keep one.' as fault
        from rules
        group by kind, place
        having count(*) > 1
        union
        select
            'seeds/identity_rules.csv: the priority ' || cast(priority as {{ dbt.type_string() }})
            || ' is that of ' || min(kind) || ' and of ' || max(kind)
            || '. Give each kind one of its own.' as fault
        from rules
        group by priority
        having min(kind) <> max(kind)
        {% for column in ['priority', 'weight', 'max_records_per_value'] -%}
        union
        select
            place || 'the {{ column }} is ' || coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'missing')
            || '. Write a number from 1 on.' as fault
        from rules
        where {{ column }} is null or {{ column }} < 1
        {% endfor -%}
        union
        select
            place || 'a value that ' || cast(max_records_per_value as {{ dbt.type_string() }})
            || ' records may share would join more than one person may have. '
            || 'Write {{ var('max_records_per_profile') }} (the variable max_records_per_profile) at most.' as fault
        from rules
        where max_records_per_value > {{ var('max_records_per_profile') }}
        union
        select
            place || 'no profile could hold ' || cast(max_values_per_profile as {{ dbt.type_string() }})
            || ' values. Write a number from 1 on, or leave max_values_per_profile empty: any number.' as fault
        from rules
        where max_values_per_profile < 1
        union
        select place || 'is_personal is missing. Write true or false.' as fault
        from rules
        where is_personal is null
        union
        select
            place || coalesce('''' || kind || ''' is nothing that can be blocked', 'there is no kind')
            || '. Write one of {{ blocked_kinds | join(', ') }}.' as fault
        from blocklist
        where kind is null or kind not in ('{{ blocked_kinds | join("', '") }}')
        union
        select
            place || coalesce('''' || pattern_type || ''' is no type of pattern', 'there is no pattern_type')
            || '. Write exact or regex.' as fault
        from blocklist
        where pattern_type is null or pattern_type not in ('exact', 'regex')
        union
        select place || 'there is no value. Write one, or take the row out.' as fault
        from blocklist
        where value is null
        union
        select place || 'birth dates are compared as they are. Write exact, and a row per date.' as fault
        from blocklist
        where kind = 'birth_date' and pattern_type = 'regex'
        union
        select
            place || 'it is no regular expression. Correct it, or write exact if it is meant literally.' as fault
        from blocklist
        where pattern_type = 'regex' and value is not null and {{ is_malformed_pattern('value') }}
        union
        select place || 'the row is there more than once. Keep one.' as fault
        from blocklist
        group by kind, pattern_type, value, place
        having count(*) > 1
    )

    select fault from faults order by fault
{%- endmacro %}
