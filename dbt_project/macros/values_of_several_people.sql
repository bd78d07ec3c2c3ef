{#- Values that are not one person's: behind their records stand more than one loyalty card or birth date, or
    first names of which no form is like a form of the other.

    Forms of a name are the name itself and all full names that the seed knows for it: Al is like Alan and like
    Albert, who are two. Forms are alike that have the same initial and are alike in spelling, or of which one
    begins the other, so that typing errors and short forms unknown to the seed make no two people of one.
    Names are compared two by two: of a value no more than the records that identity_rules lets share it.

    Args:
        identifiers: CTE with record_number and value_number.
        evidence: CTE with record_number, evidence_kind and evidence, a number; of the kind `first_name` the
            hash_number of the name.
        first_names: CTE with stated_first_name: all names among the evidence.
        variants: CTE with variant and name.

    Returns: a query with the column value_number, which may come more than once. -#}
{% macro values_of_several_people(identifiers, evidence, first_names, variants) -%}
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

    pairs as (
        select
            numbers_a.value_number,
            numbers_a.evidence as evidence_a,
            numbers_b.evidence as evidence_b
        from numbers_of_names as numbers_a
        inner join numbers_of_names as numbers_b on numbers_a.value_number = numbers_b.value_number
        where numbers_a.evidence < numbers_b.evidence
    ),

    names as (
        select distinct stated_first_name as name from {{ first_names }}
    ),

    forms as (
        select {{ hash_number(['name']) }} as evidence, name as form
        from names
        union all
        select {{ hash_number(['names.name']) }} as evidence, variants.name as form
        from names
        inner join {{ variants }} as variants on names.name = variants.variant
    ),

    unlike_names as (
        select distinct_pairs.evidence_a, distinct_pairs.evidence_b
        from (select distinct evidence_a, evidence_b from pairs) as distinct_pairs
        inner join forms as forms_a on distinct_pairs.evidence_a = forms_a.evidence
        inner join forms as forms_b on distinct_pairs.evidence_b = forms_b.evidence
        group by distinct_pairs.evidence_a, distinct_pairs.evidence_b
        having max(
            case
                when substring(forms_a.form, 1, 1) <> substring(forms_b.form, 1, 1) then 0
                when substring(forms_a.form, 1, length(forms_b.form)) = forms_b.form then 1
                when substring(forms_b.form, 1, length(forms_a.form)) = forms_a.form then 1
                when {{ text_similarity('forms_a.form', 'forms_b.form') }} >= {{ var('like_name_similarity') }} then 1
                else 0
            end
        ) = 0
    )

    select value_number from disagreements
    where evidence_kind <> 'first_name'
    union all
    select pairs.value_number
    from pairs
    inner join unlike_names
        on
            pairs.evidence_a = unlike_names.evidence_a
            and pairs.evidence_b = unlike_names.evidence_b
{%- endmacro %}
