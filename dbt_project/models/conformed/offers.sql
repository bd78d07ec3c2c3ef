-- Grain: offer_id. What customers can be offered: for now the catalogue's campaigns.
-- Leaves out who received an offer: that is an interaction.
with campaigns as (

    select * from {{ ref('stg_catalog__campaigns') }}

)

select
    campaign_id as offer_id,
    campaign_type as offer_type,
    name,
    starts_on,
    ends_on
from campaigns
