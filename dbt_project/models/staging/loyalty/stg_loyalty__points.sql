-- Grain: points_id. From raw.loyalty__points, typed:
-- the newest row per key, by landing day and place in the file.
-- Leaves out in which file a row landed, and rows that a later one replaced.
with landed_rows as (

    select * from {{ source('loyalty', 'points') }}

),

newest_rows as (

    select *
    from landed_rows
    qualify {{ newest_rows(['points_id']) }}

)

select
    {{ clean_text('points_id') }} as points_id,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('receipt_or_order_id') }} as receipt_or_order_id,
    {{ clean_text('reason') }} as reason,
    cast(points as bigint) as points,
    cast(recorded_at as timestamp) as recorded_at
from newest_rows
