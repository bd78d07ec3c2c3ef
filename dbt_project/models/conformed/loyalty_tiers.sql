-- Grain: record_id, valid_from. Which tier of the loyalty programme a member's record had, and since when.
-- Leaves out until when: until the next row of the record.
with member_tiers as (

    select * from {{ ref('stg_loyalty__tiers') }}

)

select
    {{ record_id('loyalty__members', 'loyalty_id') }} as record_id,
    loyalty_id,
    tier,
    updated_at as valid_from,
    cast(updated_at as date) as valid_from_on
from member_tiers
