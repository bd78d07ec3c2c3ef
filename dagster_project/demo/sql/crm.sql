-- crm/customers. Some people are in it twice; those who move are updated when they tell.

create table crm_customers as
select
    person_number * 2 as record_number,
    customer_id as record_id,
    person_number,
    crm_since as written_at
from memberships
where crm_since::date <= last_day()
union all
select
    person_number * 2 + 1 as record_number,
    'C' || opaque(person_number * 2 + 1, 2654435761) as record_id,
    person_number,
    crm_since + to_seconds(86400 + pick('crm duplicate', person_number, 200 * 86400)) as written_at
from memberships
where
    roll('crm duplicate', person_number) < 0.03
    and (crm_since + to_seconds(86400 + pick('crm duplicate', person_number, 200 * 86400)))::date <= last_day();

create view crm_contacts as
from written_contacts('crm__customers', 'crm_customers', 0.12, 0.20, 0.02);

create view landing.crm__customers as
with entries as (
    select
        crm_customers.record_number,
        crm_contacts.* exclude (record_id),
        crm_customers.record_id as customer_id,
        people.* exclude (first_name, last_name, email, phone, birth_date),
        if(
            roll('crm knows card', crm_contacts.contact_key) < 0.6
            and memberships.card_since::date <= landing_day(crm_customers.written_at),
            memberships.loyalty_id, null
        ) as loyalty_id,
        crm_customers.written_at as created_at,
        crm_customers.written_at as updated_at
    from crm_customers
    inner join crm_contacts using (record_id)
    inner join people using (person_number)
    inner join memberships using (person_number)
),

moves as (
    select entries.* replace (
        homes.street as street,
        homes.postcode as postcode,
        homes.city as city,
        moment(entries.moves_on, second_between('move', entries.contact_key, 8, 20)) as updated_at
    )
    from entries
    inner join homes
        on entries.household_number = homes.household_number
        and homes.is_new_home
    where
        landing_day(entries.created_at) < entries.moves_on
        and roll('tells of move', entries.contact_key) < 0.75
),

-- Extra rows that no quality gate should let through: no id, or a birth date that is none.
faulty_entries as (
    select entries.* replace (
        if(pick('fault', contact_key, 2) = 0, null, 'C0' || record_number) as customer_id
    )
    from entries
    where roll('faulty', contact_key) < 0.0015
),

rows_of_all_kinds as (
    select *, record_number * 4 as sort_key, birth_date::varchar as birth_date_text from entries
    union all
    select *, record_number * 4 + 1, birth_date::varchar from moves
    union all
    select *, record_number * 4 + 2, if(customer_id is null, birth_date::varchar, '1985-02-31')
    from faulty_entries
)

select
    landing_day(updated_at) as landed_on,
    sort_key,
    customer_id,
    first_name,
    last_name,
    email,
    phone,
    birth_date_text as birth_date,
    if(roll('gender known', contact_key) < 0.8, gender, null) as gender,
    street,
    postcode,
    city,
    'US' as country,
    loyalty_id,
    income_band,
    household_size,
    home_ownership,
    marital_status,
    kids_count,
    created_at,
    updated_at
from rows_of_all_kinds;
