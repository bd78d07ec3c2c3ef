-- Names, birthdays, addresses and numbers of people, spelled right. How systems write them down is in
-- contacts.sql.

-- Where a household lives, before and after it moves.
create table homes as
with choices as (
    select
        (select count(*) from streets) as street_choices,
        (select count(*) from cities) as city_choices
),

addresses as (
    select
        households.household_number,
        home.is_new_home,
        hash(households.household_number, home.is_new_home) as home_key
    from households
    cross join (values (false), (true)) as home (is_new_home)
    where not home.is_new_home or households.moves_on is not null
),

picked as (
    select
        *,
        pick('street', home_key, street_choices) as street_position,
        pick('city', home_key, city_choices) as city_position
    from addresses
    cross join choices
)

select
    picked.household_number,
    picked.is_new_home,
    (1 + pick('house number', picked.home_key, 4800)) || ' ' || streets_by_position.street as street,
    cities_by_position.city,
    cities_by_position.postcode,
    cities_by_position.area_code
from picked
inner join (select *, row_number() over (order by street) - 1 as position from streets) as streets_by_position
    on picked.street_position = streets_by_position.position
inner join (
    select *, row_number() over (order by postcode, area_code) - 1 as position from cities
) as cities_by_position
    on picked.city_position = cities_by_position.position;

create table identities as
with aged as (
    select
        people.person_number,
        people.household_number,
        people.is_first_adult,
        households.moves_on,
        households.has_shared_email,
        households.has_shared_phone,
        case
            when people.is_first_adult or roll('couple', people.household_number) < 0.08
                then roll('gender', people.household_number) < 0.55
            else roll('gender', people.household_number) >= 0.55
        end as is_woman,
        case coalesce(
            households.age_band,
            choose('age band', people.household_number, ['19-24', '25-34', '35-44', '35-44', '45-54', '45-54', '55-64', '65+'])
        )
            when '19-24' then 19 + pick('age', people.household_number, 6)
            when '25-34' then 25 + pick('age', people.household_number, 10)
            when '35-44' then 35 + pick('age', people.household_number, 10)
            when '45-54' then 45 + pick('age', people.household_number, 10)
            when '55-64' then 55 + pick('age', people.household_number, 10)
            else 65 + pick('age', people.household_number, 22)
        end as first_age
    from people
    inner join households using (household_number)
),

first_names_by_position as (
    select
        *,
        row_number() over (partition by gender order by first_name) - 1 as position
    from first_names
),

last_names_by_position as (
    select
        *,
        row_number() over (order by last_name) - 1 as position
    from last_names
),

choices as (
    select
        (select count(*) from first_names where gender = 'f') as women_names,
        (select count(*) from first_names where gender = 'm') as men_names,
        (select count(*) from last_names) as last_names
),

picked as (
    select
        aged.*,
        if(is_woman, 'f', 'm') as gender,
        pick('first name', person_number, if(is_woman, women_names, men_names)) as first_name_position,
        pick(
            'last name',
            if(is_first_adult or roll('own last name', person_number) >= 0.15, household_number, -person_number),
            last_names
        ) as last_name_position
    from aged
    cross join choices
),

named as (
    select
        picked.*,
        first_names_by_position.first_name,
        first_names_by_position.nickname,
        last_names_by_position.last_name,
        last_day()
            - to_years((case
                when is_first_adult then first_age
                else greatest(19, first_age - 4 + pick('age difference', person_number, 8))
            end)::integer)
            - to_days(pick('birthday', person_number, 364)::integer) as birth_date
    from picked
    inner join first_names_by_position
        on picked.gender = first_names_by_position.gender
        and picked.first_name_position = first_names_by_position.position
    inner join last_names_by_position
        on picked.last_name_position = last_names_by_position.position
),

addressed as (
    select
        *,
        lower(replace(first_name, '''', '')) as mail_first,
        lower(replace(last_name, '''', '')) as mail_last,
        choose('mail provider', person_number, [
            'example.com', 'example.com', 'example.org', 'example.net',
            'mail.example', 'post.example', 'inbox.example', 'web.example'
        ]) as mail_domain,
        choose('employer', household_number * 2 + is_first_adult::integer, [
            'office.example', 'company.example', 'works.example', 'school.example', 'clinic.example'
        ]) as work_domain
    from named
),

mailed as (
    select
        *,
        case pick('mail pattern', person_number, 5)
            when 0 then mail_first || '.' || mail_last
            when 1 then mail_first || mail_last
            when 2 then left(mail_first, 1) || mail_last || strftime(birth_date, '%y')
            when 3 then mail_first || '_' || mail_last
            else mail_first || '.' || mail_last || strftime(birth_date, '%y')
        end as mail_name
    from addressed
),

-- Two people never share an address by chance: the second one of a name gets a number.
reachable as (
    select
        *,
        row_number() over (partition by mail_name, mail_domain order by person_number) as mail_name_number,
        row_number() over (partition by mail_first, mail_last, work_domain order by person_number) as work_name_number
    from mailed
),

spelled as (
    select
        *,
        mail_name || if(mail_name_number > 1, '.' || mail_name_number, '') || '@' || mail_domain as email,
        case
            when roll('second address', person_number) < 0.2
                then mail_first || '.' || mail_last || if(work_name_number > 1, '.' || work_name_number, '')
                    || '@' || work_domain
        end as other_email,
        if(has_shared_email and not is_first_adult, household_number * 4 + 1, null) as email_owner_number
    from reachable
)

select
    spelled.person_number,
    case when roll('gender unsaid', spelled.person_number) < 0.01 then 'x' else spelled.gender end as gender,
    spelled.first_name,
    spelled.nickname,
    spelled.last_name,
    spelled.birth_date::date as birth_date,
    spelled.email,
    spelled.other_email,
    email_owners.email as shared_email,
    -- Unique within an area code as far as numbers reach.
    home.area_code || (2000000 + (spelled.person_number * 3141593) % 7999993)::varchar as phone,
    if(
        spelled.has_shared_phone,
        home.area_code || (2000000 + (spelled.household_number * 4 * 3141593) % 7999993)::varchar, null
    ) as shared_phone,
    home.street,
    home.postcode,
    home.city,
    spelled.moves_on,
    new_home.street as new_street,
    new_home.postcode as new_postcode,
    new_home.city as new_city
from spelled
left join spelled as email_owners
    on spelled.email_owner_number = email_owners.person_number
inner join homes as home
    on spelled.household_number = home.household_number
    and not home.is_new_home
left join homes as new_home
    on spelled.household_number = new_home.household_number
    and new_home.is_new_home;
