-- Grain: ticket_id. From raw.support__tickets, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('support', 'tickets') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('ticket_id') }} is not null
    qualify {{ newest_rows([clean_text('ticket_id')]) }}

)

select
    {{ clean_text('ticket_id') }} as ticket_id,
    {{ clean_text('customer_id') }} as customer_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    lower({{ clean_text('topic') }}) as topic,
    {{ clean_text('status') }} as status,
    cast(created_at as timestamp) as created_at,
    cast(solved_at as timestamp) as solved_at
from newest_rows
