-- Grain: event_id. From raw.email__engagement, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('email', 'engagement') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('event_id') }} is not null
    qualify {{ newest_rows([clean_text('event_id')]) }}

)

select
    {{ clean_text('event_id') }} as event_id,
    {{ clean_text('subscriber_id') }} as subscriber_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('campaign_id') }} as campaign_id,
    lower({{ clean_text('event_type') }}) as event_type,
    cast(occurred_at as timestamp) as occurred_at
from newest_rows
