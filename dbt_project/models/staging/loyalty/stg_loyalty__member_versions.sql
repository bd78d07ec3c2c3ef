-- Grain: loyalty_id, landed_on. From raw.loyalty__members, typed:
-- by what one could reach a member, as the files of each landing day left it.
-- Leaves out what else a row says (that is stg_loyalty__members), rows that a later one of the day
-- replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('loyalty', 'members') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('loyalty_id') }} is not null
    qualify {{ newest_rows([clean_text('loyalty_id'), '_landed_on']) }}

)

select
    {{ clean_text('loyalty_id') }} as loyalty_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    cast(joined_at as timestamp) as joined_at,
    cast(updated_at as timestamp) as updated_at,
    _landed_on as landed_on
from newest_rows
