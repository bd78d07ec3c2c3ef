-- Grain: event_id. From raw.email__engagement, typed:
-- the newest row per key, by landing day. An unsubscribe that claims to be later than its landing day comes
-- from a clock that is ahead; it withdraws a consent, so it counts from the end of that day, as a refusal of
-- staging.stg_preferences__consents does.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('email', 'engagement') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('event_id') }} is not null
    qualify {{ newest_rows([clean_text('event_id')]) }}

),

typed_rows as (

    select
        {{ clean_text('event_id') }} as event_id,
        {{ clean_text('subscriber_id') }} as subscriber_id,
        {{ clean_text('email') }} as email,
        {{ clean_text('campaign_id') }} as campaign_id,
        lower({{ clean_text('event_type') }}) as event_type,
        cast(occurred_at as timestamp) as occurred_at,
        cast({{ dbt.dateadd('day', 1, '_landed_on') }} as timestamp) as landed_before
    from newest_rows

)

select
    event_id,
    subscriber_id,
    email,
    campaign_id,
    event_type,
    case
        when event_type = 'unsubscribed' and occurred_at > landed_before then landed_before
        else occurred_at
    end as occurred_at
from typed_rows
