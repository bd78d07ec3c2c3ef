-- lists/segment_members: lists that somebody keeps by hand. Of staff there is one, by address and by CRM number;
-- two of its lines are of people whom no system knows any more.

create view landing.lists__segment_members as
with staff as (
    select
        identities.email,
        crm_customers.record_id as customer_id,
        row_number() over (order by roll('staff', crm_customers.record_number), crm_customers.record_number) as line
    from crm_customers
    inner join identities on crm_customers.person_number = identities.person_number
)

select
    'staff' as list_name,
    if(line % 3 = 0, 'crm__customers:' || customer_id, email) as member,
    first_day() as landed_on
from staff
where line <= 12
union all
select
    'staff' as list_name,
    unnest(['left.in.spring@mail.example', 'crm__customers:C0']) as member,
    first_day() as landed_on
order by member;
