-- Grain: campaign_id. From raw.catalog__campaigns, typed:
-- the rows of the newest file.
-- Leaves out in which file a row landed, and rows without a key.
with landed_rows as (

    select * from {{ source('catalog', 'campaigns') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('campaign_id') }} is not null
    qualify {{ newest_rows([clean_text('campaign_id')]) }}

)

select
    {{ clean_text('campaign_id') }} as campaign_id,
    {{ clean_text('campaign_type') }} as campaign_type,
    {{ clean_text('name') }} as name,
    cast(starts_on as date) as starts_on,
    cast(ends_on as date) as ends_on
from newest_rows
