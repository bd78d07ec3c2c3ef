-- Grain: points_id. From raw.loyalty__points, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('loyalty', 'points') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('points_id') }} is not null
    qualify {{ newest_rows([clean_text('points_id')]) }}

)

select
    {{ clean_text('points_id') }} as points_id,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('receipt_or_order_id') }} as receipt_or_order_id,
    {{ clean_text('reason') }} as reason,
    cast(points as bigint) as points,
    cast(recorded_at as timestamp) as recorded_at
from newest_rows
