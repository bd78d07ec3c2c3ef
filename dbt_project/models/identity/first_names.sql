-- Grain: record_id. The first name that a record states, without case, accents, blanks and punctuation: as it
-- is there, and in its full form (Bob is Robert).
-- Leaves out records without a first name. Typing errors stay: one letter parts Eric from Erin.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
with customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

first_name_variants as (

    select * from {{ ref('first_name_variants') }}
    where is_usual

),

comparable_names as (

    select
        record_id,
        record_number,
        {{ comparable_text('first_name') }} as stated_first_name
    from customer_records

)

select
    comparable_names.record_id,
    comparable_names.record_number,
    comparable_names.stated_first_name,
    coalesce(first_name_variants.name, comparable_names.stated_first_name) as first_name
from comparable_names
left join first_name_variants on comparable_names.stated_first_name = first_name_variants.variant
where comparable_names.stated_first_name is not null
