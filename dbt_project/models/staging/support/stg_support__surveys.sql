-- Grain: survey_id. From raw.support__surveys, typed:
-- the newest row per key, by landing day and place in the file.
-- Leaves out in which file a row landed, and rows that a later one replaced.
with landed_rows as (

    select * from {{ source('support', 'surveys') }}

),

newest_rows as (

    select *
    from landed_rows
    qualify {{ newest_rows(['survey_id']) }}

)

select
    {{ clean_text('survey_id') }} as survey_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('question') }} as question,
    {{ clean_text('answer') }} as answer,
    cast(answered_at as timestamp) as answered_at
from newest_rows
