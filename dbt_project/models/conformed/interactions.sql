-- Grain: interaction_id. Everything that a customer did apart from buying, over all sources.
-- Leaves out purchases (orders), what came back (returns) and consents; a survey's further answers
-- (survey_answers); an event before login belongs to its device's record.
with web_events as (

    select * from {{ ref('stg_web__events') }}

),

email_events as (

    select * from {{ ref('stg_email__engagements') }}

),

workouts as (

    select * from {{ ref('stg_fitness__workouts') }}

),

tickets as (

    select * from {{ ref('stg_support__tickets') }}

),

surveys as (

    select * from {{ ref('stg_support__surveys') }}

),

points as (

    select * from {{ ref('stg_loyalty__points') }}

),

redemptions as (

    select * from {{ ref('stg_loyalty__redemptions') }}

),

reviews as (

    select * from {{ ref('stg_ecommerce__reviews') }}

),

all_interactions as (

    select
        'web:' || event_id as interaction_id,
        'web' as source,
        coalesce(
            {{ record_id('ecommerce__accounts', 'account_id') }},
            {{ record_id('web__devices', 'device_id') }}
        ) as record_id,
        event_type as interaction_type,
        session_id,
        product_id,
        cast(null as {{ dbt.type_string() }}) as offer_id,
        order_id,
        occurred_at,
        duration_seconds,
        cast(null as bigint) as quantity,
        cast(null as double) as score,
        platform,
        page as detail
    from web_events

    union all

    select
        'email:' || event_id as interaction_id,
        'email' as source,
        {{ record_id('email__subscribers', 'subscriber_id') }} as record_id,
        'email_' || event_type as interaction_type,
        null as session_id,
        null as product_id,
        campaign_id as offer_id,
        null as order_id,
        occurred_at,
        null as duration_seconds,
        null as quantity,
        null as score,
        null as platform,
        null as detail
    from email_events

    union all

    select
        'fitness:' || workout_id as interaction_id,
        'fitness' as source,
        {{ record_id('fitness__users', 'user_id') }} as record_id,
        'workout' as interaction_type,
        null as session_id,
        null as product_id,
        null as offer_id,
        null as order_id,
        started_at as occurred_at,
        duration_minutes * 60 as duration_seconds,
        duration_minutes as quantity,
        null as score,
        null as platform,
        activity as detail
    from workouts

    union all

    select
        'ticket:' || ticket_id as interaction_id,
        'support' as source,
        {{ record_id('support__tickets', 'ticket_id') }} as record_id,
        'ticket' as interaction_type,
        null as session_id,
        null as product_id,
        null as offer_id,
        null as order_id,
        created_at as occurred_at,
        null as duration_seconds,
        null as quantity,
        null as score,
        null as platform,
        topic as detail
    from tickets

    union all

    select
        'survey:' || survey_id as interaction_id,
        'support' as source,
        {{ record_id('support__surveys', 'survey_id') }} as record_id,
        'survey' as interaction_type,
        null as session_id,
        null as product_id,
        null as offer_id,
        null as order_id,
        answered_at as occurred_at,
        null as duration_seconds,
        null as quantity,
        case when lower(question) = 'nps' then {{ number_in('answer') }} end as score,
        null as platform,
        question || ': ' || answer as detail
    from surveys

    union all

    select
        'points:' || points_id as interaction_id,
        'loyalty' as source,
        {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
        case
            when points >= 0 then 'points_earned'
            when reason = 'expiry' then 'points_expired'
            else 'points_spent'
        end as interaction_type,
        null as session_id,
        null as product_id,
        null as offer_id,
        receipt_or_order_id as order_id,
        recorded_at as occurred_at,
        null as duration_seconds,
        abs(points) as quantity,
        null as score,
        null as platform,
        reason as detail
    from points

    union all

    select
        'redemption:' || redemption_id as interaction_id,
        'loyalty' as source,
        {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
        'redemption' as interaction_type,
        null as session_id,
        null as product_id,
        campaign_id as offer_id,
        null as order_id,
        cast(redeemed_on as timestamp) as occurred_at,
        null as duration_seconds,
        null as quantity,
        null as score,
        null as platform,
        coupon_id as detail
    from redemptions

    union all

    select
        'review:' || review_id as interaction_id,
        'ecommerce' as source,
        {{ record_id('ecommerce__accounts', 'account_id') }} as record_id,
        'review' as interaction_type,
        null as session_id,
        product_id,
        null as offer_id,
        null as order_id,
        reviewed_at as occurred_at,
        null as duration_seconds,
        null as quantity,
        cast(rating as double) as score,
        null as platform,
        null as detail
    from reviews

)

select
    interaction_id,
    source,
    record_id,
    interaction_type,
    session_id,
    product_id,
    offer_id,
    order_id,
    occurred_at,
    cast(occurred_at as date) as occurred_on,
    duration_seconds,
    quantity,
    score,
    platform,
    detail
from all_interactions
