-- Who there is: households around the real purchases, the one or two people of each, and which systems
-- know them. What they are called and where they live is in identities.sql.

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

create table people as
with adults as (
    select
        households.*,
        -- Four numbers per household: two people, the phone at home, one to spare.
        household_number * 4 + adult_number as person_number,
        adult_number = 1 as is_first_adult
    from households
    cross join (values (1), (2)) as adults (adult_number)
    where adult_number <= households.adult_count
)

select
    person_number,
    household_number,
    real_household_id,
    is_first_adult,
    is_new_household,
    first_basket_at,
    online_share,
    online_share > 0 and (is_first_adult or roll('online', person_number) < 0.7) as is_online
from adults;

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
