-- Grain: profile_id, as_of. What a person cares for, as told in surveys up to the end of the day: all answers
-- of the last days (variable psychographic_answer_days), each once, as lists that can be matched. Beside
-- them, in a list of its own, interests that behaviour shows, by the seed interest_signs.
-- Leaves out answers that are older, since people change, and values, motives and personality that behaviour
-- might suggest: it does not tell why somebody buys.
with identity_map as (

    select * from {{ ref('identity_map') }}

),

survey_answers as (

    select * from {{ ref('survey_answers') }}

),

product_features as (

    select * from {{ ref('product_features') }}

),

activity_features as (

    select * from {{ ref('activity_features') }}

),

interest_signs as (

    select * from {{ ref('interest_signs') }}

),

-- Only those whom both themes know: that one was not built shall miss people, not interests.
described_profiles as (

    select
        product_features.profile_id,
        product_features.regular_categories_365d,
        activity_features.workouts_per_week,
        product_features.as_of
    from product_features
    inner join activity_features
        on
            product_features.profile_id = activity_features.profile_id
            and product_features.as_of = activity_features.as_of

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

shown_interests as (

    select
        described_profiles.profile_id,
        interest_signs.interest
    from described_profiles
    inner join interest_signs
        on {{ list_has('described_profiles.regular_categories_365d', 'interest_signs.category') }}
    where interest_signs.activity_type = 'purchase'
    union
    select
        described_profiles.profile_id,
        interest_signs.interest
    from described_profiles
    cross join interest_signs
    where
        interest_signs.activity_type = 'workout'
        and described_profiles.workouts_per_week >= 1

),

shown_lists as (

    select
        profile_id,
        {{ sorted_list('interest') }} as interests
    from shown_interests
    group by profile_id

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
    {{ filled_list('shown_lists.interests') }} as shown_interests,
    {{ filled_list('lists.personal_values') }} as values,
    {{ filled_list('lists.motives') }} as motives,
    {{ filled_list('lists.lifestyles') }} as lifestyles,
    {{ filled_list('lists.personality') }} as personality,
    {{ dbt.datediff('lists.answered_on', 'described_profiles.as_of', 'day') }}
        as days_since_psychographic_answer,
    described_profiles.as_of
from described_profiles
left join lists on described_profiles.profile_id = lists.profile_id
left join shown_lists on described_profiles.profile_id = shown_lists.profile_id
