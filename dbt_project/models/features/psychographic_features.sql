-- Grain: profile_id, as_of. What a person cares for, as told in surveys up to the end of the day: all answers
-- of the last days (variable psychographic_answer_days), each once, as lists that can be matched.
-- Leaves out what behaviour suggests, and answers that are older: people change.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

survey_answers as (

    select * from {{ ref('survey_answers') }}

),

described_profiles as (

    {{ described_profiles() }}

),

given_answers as (

    select
        described_profiles.profile_id,
        survey_answers.question,
        survey_answers.answer,
        max(survey_answers.answered_on) as answered_on
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join survey_answers on identity_map.record_id = survey_answers.record_id
    where
        survey_answers.question in ('interest', 'value', 'motive', 'lifestyle', 'personality')
        and survey_answers.answered_on <= {{ as_of_date() }}
        and survey_answers.answered_on
        > {{ days_before(var('psychographic_answer_days') | int, as_of_date()) }}
    group by described_profiles.profile_id, survey_answers.question, survey_answers.answer

),

lists as (

    select
        profile_id,
        {{ sorted_list("case when question = 'interest' then answer end") }} as interests,
        {{ sorted_list("case when question = 'value' then answer end") }} as personal_values,
        {{ sorted_list("case when question = 'motive' then answer end") }} as motives,
        {{ sorted_list("case when question = 'lifestyle' then answer end") }} as lifestyles,
        {{ sorted_list("case when question = 'personality' then answer end") }} as personality,
        max(answered_on) as answered_on
    from given_answers
    group by profile_id

)

select
    described_profiles.profile_id,
    {{ filled_list('lists.interests') }} as interests,
    {{ filled_list('lists.personal_values') }} as values,
    {{ filled_list('lists.motives') }} as motives,
    {{ filled_list('lists.lifestyles') }} as lifestyles,
    {{ filled_list('lists.personality') }} as personality,
    {{ dbt.datediff('lists.answered_on', 'described_profiles.as_of', 'day') }}
        as days_since_psychographic_answer,
    described_profiles.as_of
from described_profiles
left join lists on described_profiles.profile_id = lists.profile_id
