-- Grain: answer_id. From raw.support__survey_answers, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('support', 'survey_answers') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('answer_id') }} is not null
    qualify {{ newest_rows([clean_text('answer_id')]) }}

)

select
    {{ clean_text('answer_id') }} as answer_id,
    {{ clean_text('survey_id') }} as survey_id,
    lower({{ clean_text('question') }}) as question,
    lower({{ clean_text('answer') }}) as answer,
    cast(answered_at as timestamp) as answered_at
from newest_rows
