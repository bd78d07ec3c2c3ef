-- Grain: ticket_id. Requests to customer service, with the record that asked and what came of it.
-- Leaves out what was written, and every state but the last: a ticket was open from its first day until the
-- one on which it was solved.
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
    solved_at,
    cast(created_at as date) as created_on,
    cast(solved_at as date) as solved_on
from support_tickets
