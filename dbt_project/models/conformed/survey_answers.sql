-- Grain: answer_id. What people answered to surveys, a row for each answer: of a question that takes several
-- there are several. A survey is a record of its own, and its answers are that record's.
-- Leaves out answers to a survey that is not there: nobody could tell whose they are.
with surveys as (

    select * from {{ ref('stg_support__surveys') }}

),

further_answers as (

    select * from {{ ref('stg_support__survey_answers') }}

),

all_answers as (

    select
        'survey:' || survey_id as answer_id,
        survey_id,
        lower(question) as question,
        lower(answer) as answer,
        answered_at
    from surveys

    union all

    select
        'answer:' || further_answers.answer_id as answer_id,
        further_answers.survey_id,
        further_answers.question,
        further_answers.answer,
        further_answers.answered_at
    from further_answers
    inner join surveys on further_answers.survey_id = surveys.survey_id

)

select
    answer_id,
    survey_id,
    'support' as source,
    {{ record_id('support__surveys', 'survey_id') }} as record_id,
    question,
    answer,
    {{ number_in('answer') }} as score,
    answered_at,
    cast(answered_at as date) as answered_on
from all_answers
