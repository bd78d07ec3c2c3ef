-- Grain: ticket_id. Requests to customer service, with the record that asked and what came of it.
-- Leaves out what was written, and every state but the last: a ticket was open from its first day until the
-- one on which it was solved. What is open now has not been solved, whatever was said before; what is solved
-- without a time was never open, since nobody could tell on which days.
with support_tickets as (

    select * from {{ ref('stg_support__tickets') }}

)

select
    ticket_id,
    'support' as source,
    {{ record_id('support__tickets', 'ticket_id') }} as record_id,
    topic,
    status,
    created_at,
    case when lower(status) = 'solved' then solved_at end as solved_at,
    cast(created_at as date) as created_on,
    case when lower(status) = 'solved' then cast(coalesce(solved_at, created_at) as date) end as solved_on
from support_tickets
