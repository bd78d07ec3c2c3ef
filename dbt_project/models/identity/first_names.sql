-- Grain: record_id. The first name that a record states, in its full form (Bob is Robert) and without case,
-- accents, blanks and punctuation; a mistyped one put right: one that differs in a letter from a name
-- with the same initial which ten times as many records state.
-- Leaves out records without a first name.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

first_name_variants as (

    select * from {{ ref('first_name_variants') }}

),

comparable_names as (

    select
        record_id,
        {{ comparable_text('first_name') }} as first_name
    from customer_records

),

full_names as (

    select
        comparable_names.record_id,
        coalesce(first_name_variants.name, comparable_names.first_name) as first_name
    from comparable_names
    left join first_name_variants on comparable_names.first_name = first_name_variants.variant
    where comparable_names.first_name is not null

),

names as (

    select
        first_name,
        substring(first_name, 1, 1) as initial,
        count(*) as record_count
    from full_names
    group by first_name

),

ranked_corrections as (

    select
        mistyped.first_name,
        names.first_name as corrected_name,
        row_number() over (
            partition by mistyped.first_name order by names.record_count desc, names.first_name
        ) as rank
    from names as mistyped
    inner join names
        on
            mistyped.initial = names.initial
            and names.record_count >= 10 * mistyped.record_count
            and abs(length(mistyped.first_name) - length(names.first_name)) <= 1
            and {{ typing_errors('mistyped.first_name', 'names.first_name') }} = 1

)

select
    full_names.record_id,
    coalesce(ranked_corrections.corrected_name, full_names.first_name) as first_name
from full_names
left join ranked_corrections
    on
        full_names.first_name = ranked_corrections.first_name
        and ranked_corrections.rank = 1
