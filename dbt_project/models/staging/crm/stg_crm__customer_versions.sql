-- Grain: customer_id, landed_on. From raw.crm__customers, typed:
-- by what one could reach a customer, as the files of each landing day left it.
-- Leaves out what else a row says (that is stg_crm__customers), rows that a later one of the day
-- replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('crm', 'customers') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('customer_id') }} is not null
    qualify {{ newest_rows([clean_text('customer_id'), '_landed_on']) }}

)

select
    {{ clean_text('customer_id') }} as customer_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    upper({{ clean_text('country') }}) as country,
    cast(created_at as timestamp) as created_at,
    cast(updated_at as timestamp) as updated_at,
    _landed_on as landed_on
from newest_rows
