-- Grain: event_id. From raw.web__events, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('web', 'events') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('event_id') }} is not null
    qualify {{ newest_rows([clean_text('event_id')]) }}

)

select
    {{ clean_text('event_id') }} as event_id,
    {{ clean_text('event_type') }} as event_type,
    {{ clean_text('session_id') }} as session_id,
    {{ clean_text('device_id') }} as device_id,
    {{ clean_text('account_id') }} as account_id,
    {{ clean_text('product_id') }} as product_id,
    {{ clean_text('order_id') }} as order_id,
    {{ clean_text('page') }} as page,
    cast(duration_seconds as bigint) as duration_seconds,
    lower({{ clean_text('platform') }}) as platform,
    cast(occurred_at as timestamp) as occurred_at
from newest_rows
