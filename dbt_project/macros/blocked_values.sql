{#- Which values the blocklist names, literally or by an expression that matches the whole value.

    Args:
        values_of_kinds: CTE with the columns kind and value, each pair once.
        blocklist: CTE of the seed identifier_blocklist.

    Returns: a query with the columns kind and value. -#}
{% macro blocked_values(values_of_kinds, blocklist) -%}
    with blocked_literally as (

        select
            {{ values_of_kinds }}.kind,
            {{ values_of_kinds }}.value
        from {{ values_of_kinds }}
        inner join {{ blocklist }} as blocklist
            on
                {{ values_of_kinds }}.kind = blocklist.kind
                and {{ values_of_kinds }}.value = blocklist.value
        where blocklist.pattern_type = 'exact'

    ),

    -- Only these may be read as expressions: a literal such as +1... is none.
    blocked_patterns as (

        select
            kind,
            value as pattern
        from {{ blocklist }}
        where pattern_type = 'regex'

    ),

    blocked_by_pattern as (

        {{ values_that_match(values_of_kinds, 'blocked_patterns') }}

    )

    select kind, value from blocked_literally
    union
    select kind, value from blocked_by_pattern
{%- endmacro %}
