-- Grain: survey_id. From raw.support__surveys, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('support', 'surveys') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('survey_id') }} is not null
    qualify {{ newest_rows([clean_text('survey_id')]) }}

)

select
    {{ clean_text('survey_id') }} as survey_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('question') }} as question,
    {{ clean_text('answer') }} as answer,
    cast(answered_at as timestamp) as answered_at
from newest_rows
