-- Grain: redemption_id. From raw.loyalty__redemptions, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('loyalty', 'redemptions') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('redemption_id') }} is not null
    qualify {{ newest_rows([clean_text('redemption_id')]) }}

)

select
    {{ clean_text('redemption_id') }} as redemption_id,
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('coupon_id') }} as coupon_id,
    {{ clean_text('campaign_id') }} as campaign_id,
    cast(redeemed_on as date) as redeemed_on
from newest_rows
