{#- Values that are not one person's: behind their records stand more than one loyalty card or birth date, first
    names of which two are unlike (see unlike_first_names), or so many names that nobody need compare them.

    Args:
        identifiers: CTE with record_number and value_number.
        evidence: CTE with record_number, evidence_kind and evidence, a number; of the kind `first_name` the
            hash_number of the name.
        names: CTE with name and evidence: all first names among the evidence, with their numbers.
        variants: CTE with variant and name, of the seed first_name_variants.

    Returns: a query with the column value_number, which may come more than once. -#}
{% macro values_of_several_people(identifiers, evidence, names, variants) -%}
    {%- set most_names = 100 -%}
    with disagreements as (
        select identifiers.value_number, evidence.evidence_kind
        from {{ identifiers }} as identifiers
        inner join {{ evidence }} as evidence on identifiers.record_number = evidence.record_number
        group by identifiers.value_number, evidence.evidence_kind
        having min(evidence.evidence) <> max(evidence.evidence)
    ),

    numbers_of_names as (
        select distinct identifiers.value_number, evidence.evidence
        from {{ identifiers }} as identifiers
        inner join {{ evidence }} as evidence on identifiers.record_number = evidence.record_number
        where
            evidence.evidence_kind = 'first_name'
            and identifiers.value_number in (
                select disagreements.value_number from disagreements
                where disagreements.evidence_kind = 'first_name'
            )
    ),

    names_of_values as (
        select
            numbers_of_names.value_number,
            names.name,
            count(*) over (partition by numbers_of_names.value_number) as name_count
        from numbers_of_names
        inner join {{ names }} as names on numbers_of_names.evidence = names.evidence
    ),

    pairs_of_names as (
        select
            names_a.value_number,
            names_a.name as first_name_a,
            names_b.name as first_name_b
        from names_of_values as names_a
        inner join names_of_values as names_b on names_a.value_number = names_b.value_number
        where names_a.name < names_b.name and names_a.name_count <= {{ most_names }}
    ),

    unlike_names as (
        {{ unlike_first_names('pairs_of_names', variants) }}
    )

    select value_number from disagreements
    where evidence_kind <> 'first_name'
    union all
    select value_number from names_of_values
    where name_count > {{ most_names }}
    union all
    select pairs_of_names.value_number
    from pairs_of_names
    inner join unlike_names
        on
            pairs_of_names.first_name_a = unlike_names.first_name_a
            and pairs_of_names.first_name_b = unlike_names.first_name_b
{%- endmacro %}
