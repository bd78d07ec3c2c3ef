-- Grain: account_id, landed_on. From raw.ecommerce__accounts, typed:
-- by what one could reach an account, as the files of each landing day left it.
-- Leaves out what else a row says (that is stg_ecommerce__accounts), rows that a later one of the day
-- replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('ecommerce', 'accounts') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('account_id') }} is not null
    qualify {{ newest_rows([clean_text('account_id'), '_landed_on']) }}

)

select
    {{ clean_text('account_id') }} as account_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    upper({{ clean_text('country') }}) as country,
    cast(created_at as timestamp) as created_at,
    cast(updated_at as timestamp) as updated_at,
    _landed_on as landed_on
from newest_rows
