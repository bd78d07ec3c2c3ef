{#- Pairs of first names, as stated, that are two people's: no form of one is like a form of the other.

    Forms of a name are the name itself and all full names that the seed knows for it, or for the short form that
    it mistypes: Al is like Alan and like Albert, who are two. Forms with one initial are alike that a typing
    error parts, and names as they are stated also where they are alike in spelling or one begins the other: it
    may be short for it though the seed does not know that. A full name that nobody has stated is a guess, and
    asks for more. Being alike is not handed on, as Al shows, so names are compared two by two.

    Args:
        pairs: CTE with first_name_a and first_name_b, each pair as often as it likes.
        variants: CTE with variant and name, of the seed first_name_variants.

    Returns: a query with the columns first_name_a and first_name_b, each pair once. -#}
{% macro unlike_first_names(pairs, variants) -%}
    with distinct_pairs as (
        select distinct first_name_a, first_name_b from {{ pairs }}
    ),

    names as (
        select first_name_a as name from distinct_pairs
        union
        select first_name_b as name from distinct_pairs
    ),

    forms as (
        select name, name as form, true as is_stated from names
        union all
        select names.name, variants.name as form, false as is_stated
        from names
        inner join {{ variants }} as variants
            on
                left(names.name, 1) = left(variants.variant, 1)
                and {{ edit_distance('names.name', 'variants.variant') }} <= 1
    ),

    compared_forms as (
        select
            distinct_pairs.first_name_a,
            distinct_pairs.first_name_b,
            forms_a.form as form_a,
            forms_b.form as form_b,
            forms_a.is_stated and forms_b.is_stated as are_stated,
            least(length(forms_a.form), length(forms_b.form)) as shorter_length,
            {{ edit_distance('forms_a.form', 'forms_b.form') }} as typing_errors,
            {{ text_similarity('forms_a.form', 'forms_b.form') }} as similarity
        from distinct_pairs
        inner join forms as forms_a on distinct_pairs.first_name_a = forms_a.name
        inner join forms as forms_b on distinct_pairs.first_name_b = forms_b.name
    )

    select first_name_a, first_name_b
    from compared_forms
    group by first_name_a, first_name_b
    having max(
        case
            when left(form_a, 1) <> left(form_b, 1) then 0
            when typing_errors <= 1 or similarity >= {{ var('least_full_name_similarity') }} then 1
            when not are_stated then 0
            when left(form_a, shorter_length) = left(form_b, shorter_length) then 1
            when similarity >= {{ var('least_first_name_similarity') }} then 1
            else 0
        end
    ) = 0
{%- endmacro %}
