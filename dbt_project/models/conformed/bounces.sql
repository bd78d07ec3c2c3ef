-- Grain: bounce_id. E-mails that came back, since the address that they were sent to takes none.
-- Leaves out bounces that name no address: nobody can tell which one does not work.
with email_events as (

    select * from {{ ref('stg_email__engagements') }}

)

select
    'email:' || event_id as bounce_id,
    {{ record_id('email__subscribers', 'subscriber_id') }} as record_id,
    email,
    occurred_at as bounced_at,
    'email' as source
from email_events
where event_type = 'bounced' and email is not null
