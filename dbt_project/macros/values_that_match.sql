{#- Which values match one of many regular expressions of their kind, as a whole.

    Args:
        values_of_kinds: CTE with the columns kind and value, each pair once.
        patterns: CTE with the columns kind and pattern.

    Returns: a query with the columns kind and value.

    DuckDB compiles an expression that stands in a column anew for each row, which takes a hundred times
    as long as matching. So values are put into texts of many lines, and an expression is first tried on
    a whole text: only where it finds something there, which is rare, the values are tried one by one. -#}
{% macro values_that_match(values_of_kinds, patterns) -%}
    {{ return(adapter.dispatch('values_that_match', 'customer_segmentation')(values_of_kinds, patterns)) }}
{%- endmacro %}

{% macro default__values_that_match(values_of_kinds, patterns) -%}
    select distinct
        {{ values_of_kinds }}.kind,
        {{ values_of_kinds }}.value
    from {{ values_of_kinds }}
    inner join {{ patterns }} on {{ values_of_kinds }}.kind = {{ patterns }}.kind
    where {{ matches_whole(values_of_kinds ~ '.value', patterns ~ '.pattern') }}
{%- endmacro %}

{% macro duckdb__values_that_match(values_of_kinds, patterns) -%}
    with texts as (
        select
            kind,
            list(value) as lines
        from (
            select kind, value, row_number() over () // 200 as text_id
            from {{ values_of_kinds }}
            where kind in (select kind from {{ patterns }})
        ) as numbered_values
        group by kind, text_id
    ),

    candidates as (
        select
            texts.kind,
            patterns.pattern,
            unnest(texts.lines) as value
        from texts
        inner join {{ patterns }} as patterns on texts.kind = patterns.kind
        -- Ends of lines stand for the ends of a value. What spans two lines is sorted out below.
        -- \A and \z mean the ends of the whole text: such a pattern is tried on each value.
        where
            regexp_matches(patterns.pattern, '\\[Az]')
            or regexp_matches(array_to_string(texts.lines, chr(10)), '(?m)^(?:' || patterns.pattern || ')$')
    )

    select distinct kind, value
    from candidates
    where {{ matches_whole('value', 'pattern') }}
{%- endmacro %}
