-- Grain: loyalty_id, updated_at. From raw.loyalty__members, typed: which tier a member had since when, all
-- that was ever told of it. Of one moment the row of the newest landing day counts.
-- Leaves out in which file a row landed, whatever else was told of the member, and rows without a key or
-- tier.
with landed_rows as (

    select * from {{ source('loyalty', 'members') }}

),

newest_rows as (

    select *
    from landed_rows
    where
        {{ clean_text('loyalty_id') }} is not null
        and {{ clean_text('tier') }} is not null
        and updated_at is not null
    qualify {{ newest_rows([clean_text('loyalty_id'), 'updated_at']) }}

)

select
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('tier') }} as tier,
    cast(updated_at as timestamp) as updated_at
from newest_rows
