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
        crm_customers.record_number * 4 as sort_key,
        crm_customers.record_id as customer_id,
        crm_contacts.* exclude (record_id, birth_date),
        crm_contacts.birth_date::varchar as birth_date,
        if(roll('gender known', contact_key) < 0.8, identities.gender, null) as gender,
        identities.moves_on,
        identities.new_street,
        identities.new_postcode,
        identities.new_city,
        if(
            roll('crm knows card', contact_key) < 0.6
            and memberships.card_since::date <= landing_day(crm_customers.written_at),
            memberships.loyalty_id, null
        ) as loyalty_id,
        households.income_band,
        households.household_size,
        households.home_ownership,
        households.marital_status,
        households.kids_count,
        if(roll('education known', contact_key) < 0.6, characters.education, null) as education,
        if(roll('occupation known', contact_key) < 0.65, characters.occupation, null) as occupation,
        crm_customers.written_at as created_at,
        crm_customers.written_at as updated_at
    from crm_customers
    inner join crm_contacts using (record_id)
    inner join identities using (person_number)
    inner join characters using (person_number)
    inner join memberships using (person_number)
    inner join households using (household_number)
),

moves as (
    select * replace (
        sort_key + 1 as sort_key,
        new_street as street,
        new_postcode as postcode,
        new_city as city,
        moment(moves_on, second_between('move', contact_key, 8, 20)) as updated_at
    )
    from entries
    where landing_day(created_at) < moves_on and roll('tells of move', contact_key) < 0.75
),

-- Extra rows that no quality gate should let through: no id, or a birth date that is none.
faulty_entries as (
    select * replace (
        sort_key + 2 as sort_key,
        if(pick('fault', contact_key, 2) = 0, null, 'C0' || sort_key // 4) as customer_id,
        if(pick('fault', contact_key, 2) = 0, birth_date, '1985-02-31') as birth_date
    )
    from entries
    where roll('faulty', contact_key) < 0.0015
)

select
    landing_day(updated_at) as landed_on,
    customer_id,
    first_name,
    last_name,
    email,
    phone,
    birth_date,
    gender,
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
    education,
    occupation,
    created_at,
    updated_at
from (from entries union all from moves union all from faulty_entries)
order by landed_on, sort_key;
