-- Who there is: households around the real purchases, and the one or two people of each.
-- Everything true about them, spelled right. How systems write it down is in records.sql.

-- wanted_people() null: each real household once. Else households are drawn with replacement, each
-- draw a new household, until so many people exist.
create table households as
with real_households as (
    select
        real_household_id,
        min(purchased_at) as first_basket_at,
        row_number() over (order by real_household_id) - 1 as position
    from shifted_baskets
    group by real_household_id
),

drawn as (
    select
        number + 1 as household_number,
        case
            when wanted_people() is null then number
            else pick('household', number, (select count(*) from real_households))
        end as position
    from range(coalesce(wanted_people(), (select count(*) from real_households))) as numbers (number)
),

described as (
    select
        drawn.household_number,
        real_households.real_household_id,
        real_households.first_basket_at,
        case
            when demographics.household_comp like '1 Adult%' then 1
            when demographics.household_comp like '2 Adults%' then 2
            when roll('second adult', drawn.household_number) < 0.5 then 2
            else 1
        end as adult_count,
        demographics.age as age_band,
        demographics.income as income_band,
        demographics.home_ownership,
        demographics.marital_status,
        demographics.household_size,
        demographics.kids_count
    from drawn
    inner join real_households using (position)
    left join real_demographics as demographics
        on real_households.real_household_id = demographics.household_id
),

counted as (
    select
        *,
        coalesce(
            sum(adult_count) over (order by household_number rows between unbounded preceding and 1 preceding), 0
        ) as people_before
    from described
)

select
    * exclude (people_before, adult_count),
    least(adult_count, coalesce(wanted_people() - people_before, adult_count)) as adult_count,
    row_number() over (partition by real_household_id order by household_number) as copy_number,
    -- Households that first bought some weeks into the data are new customers, the others are old ones.
    first_basket_at::date > data_start() + 28 as is_new_household,
    case
        when roll('online household', household_number) < 0.45 then 0
        when roll('online household', household_number) < 0.80
            then 0.05 + 0.3 * roll('online share', household_number)
        else 0.4 + 0.5 * roll('online share', household_number)
    end as online_share,
    0.35 + 0.4 * roll('first adult share', household_number) as first_adult_share,
    adult_count = 2 and roll('shared e-mail', household_number) < 0.06 as has_shared_email,
    adult_count = 2 and roll('shared phone', household_number) < 0.10 as has_shared_phone,
    adult_count = 2 and roll('shared tablet', household_number) < 0.08 as has_shared_tablet,
    case
        when roll('moves', household_number) < 0.06
            then first_day() + pick('moves on', household_number, last_day() - first_day() + 1)::integer
    end as moves_on
from counted
where wanted_people() is null or people_before < wanted_people();

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

create table people as
with adults as (
    select
        households.*,
        adult_number = 1 as is_first_adult,
        -- Four numbers per household: two people, the phone at home, one to spare.
        household_number * 4 + adult_number as person_number,
        case
            when adult_number = 1 or roll('couple', household_number) < 0.08
                then roll('gender', household_number) < 0.55
            else roll('gender', household_number) >= 0.55
        end as is_woman
    from households
    cross join (values (1), (2)) as adults (adult_number)
    where adult_number <= households.adult_count
),

aged as (
    select
        *,
        case coalesce(
            age_band,
            choose('age band', household_number, ['19-24', '25-34', '35-44', '35-44', '45-54', '45-54', '55-64', '65+'])
        )
            when '19-24' then 19 + pick('age', household_number, 6)
            when '25-34' then 25 + pick('age', household_number, 10)
            when '35-44' then 35 + pick('age', household_number, 10)
            when '45-54' then 45 + pick('age', household_number, 10)
            when '55-64' then 55 + pick('age', household_number, 10)
            else 65 + pick('age', household_number, 22)
        end as first_age
    from adults
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
)

select
    mailed.person_number,
    mailed.household_number,
    mailed.real_household_id,
    mailed.copy_number,
    mailed.is_first_adult,
    mailed.adult_count,
    case when roll('gender unsaid', mailed.person_number) < 0.01 then 'x' else mailed.gender end as gender,
    mailed.first_name,
    mailed.nickname,
    mailed.last_name,
    mailed.birth_date::date as birth_date,
    -- Two people never share an address by chance: the second one of a name gets a number.
    mail_name || if(mail_name_number > 1, '.' || mail_name_number, '') || '@' || mail_domain as email,
    case
        when roll('second address', mailed.person_number) < 0.2
            then mail_first || '.' || mail_last || if(work_name_number > 1, '.' || work_name_number, '')
                || '@' || work_domain
    end as other_email,
    -- Unique within an area code as far as numbers reach.
    homes.area_code || (2000000 + (mailed.person_number * 3141593) % 7999993)::varchar as phone,
    homes.area_code || (2000000 + (mailed.household_number * 4 * 3141593) % 7999993)::varchar as home_phone,
    mailed.has_shared_email,
    mailed.has_shared_phone,
    mailed.has_shared_tablet,
    mailed.moves_on,
    mailed.first_basket_at,
    mailed.is_new_household,
    mailed.online_share,
    mailed.first_adult_share,
    mailed.income_band,
    mailed.household_size,
    mailed.home_ownership,
    mailed.marital_status,
    mailed.kids_count,
    mailed.online_share > 0
        and (is_first_adult or roll('online', mailed.person_number) < 0.7) as is_online
from (
    select
        *,
        row_number() over (partition by mail_name, mail_domain order by person_number) as mail_name_number,
        row_number() over (partition by mail_first, mail_last, work_domain order by person_number) as work_name_number
    from mailed
) as mailed
inner join homes
    on mailed.household_number = homes.household_number
    and not homes.is_new_home;

-- Which systems know a person, and since when.
create table memberships as
with redeemers as (
    select
        real_household_id,
        min(redeemed_on) as first_redeemed_on
    from shifted_redemptions
    group by real_household_id
),

known as (
    select
        people.*,
        redeemers.first_redeemed_on,
        case
            when is_new_household
                then first_basket_at - to_seconds(600 + pick('known since', person_number, 1200))
            else moment(
                data_start() - 30 - pick('known since', person_number, 1800)::integer,
                second_between('known since', household_number, 9, 20)
            )
        end as known_since
    from people
    left join redeemers using (real_household_id)
)

select
    person_number,
    household_number,
    known_since,
    -- Each system has ids of its own, from which nothing about another system's can be told.
    'C' || opaque(person_number * 2, 2654435761) as customer_id,
    'A' || opaque(person_number * 2, 2246822519) as account_id,
    'L' || opaque(person_number * 2, 3266489917) as loyalty_id,
    case
        when roll('in crm', person_number) < 0.7
            then known_since + to_seconds(pick('crm delay', person_number, 30 * 86400))
    end as crm_since,
    case
        -- Who buys most of it online has an account; some of the others always check out as guests.
        when roll('has account', person_number) < case
            when not is_online then 0.12
            when online_share < 0.4 then 0.85
            else 0.99
        end
            then known_since + to_seconds(pick('account delay', person_number, 200 * 86400))
    end as account_since,
    case
        -- Coupons are redeemed on a card, so these households have one in time.
        when is_first_adult and first_redeemed_on is not null
            then least(known_since, moment(first_redeemed_on - 7, 36000))
        when roll('has card', person_number) < if(is_first_adult, 0.93, 0.5)
            then known_since + to_seconds(pick('card delay', person_number, 20 * 86400))
    end as card_since
from known;
