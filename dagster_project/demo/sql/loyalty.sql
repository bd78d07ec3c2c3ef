-- loyalty/members, points and redemptions. Every redemption is a real one.

create table members as
select
    person_number as record_number,
    loyalty_id as record_id,
    person_number,
    card_since as written_at
from memberships
where card_since::date <= last_day();

create view member_contacts as
from written_contacts('loyalty__members', 'members', 0.25, 0.2, 0.02);

-- A point per whole dollar, on the card that was shown.
create view earned_points as
select
    basket_key,
    loyalty_id,
    if(is_online, 'O', 'R') || basket_label as receipt_or_order_id,
    floor(sales_amount)::bigint as points,
    purchased_at as recorded_at
from baskets
where loyalty_id is not null and sales_amount >= 1;

create table monthly_points as
select
    loyalty_id,
    date_trunc('month', recorded_at)::date as month_on,
    min(basket_key) as first_basket_key,
    sum(points)::bigint as points
from earned_points
group by loyalty_id, month_on;

create view landing.loyalty__members as
with quarters as (
    select
        loyalty_id,
        date_trunc('quarter', month_on)::date as quarter_on,
        sum(points) as points
    from monthly_points
    group by all
),

-- The tier follows the points of the quarter before; a change is an update.
tiers as (
    select
        loyalty_id,
        (quarter_on + interval 3 months)::date as valid_from,
        case when points >= 1200 then 'gold' when points >= 500 then 'silver' else 'bronze' end as tier
    from quarters
),

changes as (
    select
        *,
        lag(tier, 1, 'bronze') over (partition by loyalty_id order by valid_from) as previous_tier
    from tiers
    where valid_from between first_day() + 1 and last_day()
),

entries as (
    select
        members.record_number * 1024 as sort_key,
        members.record_id as loyalty_id,
        member_contacts.* exclude (record_id, street, city),
        'bronze' as tier,
        members.written_at as joined_at,
        members.written_at as updated_at
    from members
    inner join member_contacts using (record_id)
),

updates as (
    select entries.* replace (
        entries.sort_key + (changes.valid_from - first_day()) // 28 + 1 as sort_key,
        changes.tier as tier,
        moment(changes.valid_from, 7200) as updated_at
    )
    from changes
    inner join entries using (loyalty_id)
    where changes.tier != changes.previous_tier and landing_day(entries.joined_at) < changes.valid_from
)

select
    landing_day(updated_at) as landed_on,
    loyalty_id,
    first_name,
    last_name,
    email,
    phone,
    birth_date,
    postcode,
    tier,
    joined_at,
    updated_at
from (from entries union all from updates)
order by landed_on, sort_key;

create view landing.loyalty__points as
with purchases as (
    select
        basket_key * 4 as sort_key,
        loyalty_id,
        receipt_or_order_id,
        'purchase' as reason,
        points,
        recorded_at
    from earned_points
),

welcomes as (
    select
        record_number * 4 + 1 as sort_key,
        record_id as loyalty_id,
        null as receipt_or_order_id,
        'bonus' as reason,
        100 as points,
        written_at as recorded_at
    from members
    where written_at::date >= first_day()
),

-- In the month after, and never more than the month has brought.
uses as (
    select
        first_basket_key * 4 + 2 as sort_key,
        loyalty_id,
        null as receipt_or_order_id,
        if(roll('points use', first_basket_key) < 0.2, 'redemption', 'expiry') as reason,
        -if(roll('points use', first_basket_key) < 0.2, points // 100 * 100, points // 10) as points,
        moment(
            (month_on + interval 1 month)::date + pick('points use', first_basket_key, 20)::integer,
            second_between('points use', first_basket_key, 9, 21)
        ) as recorded_at
    from monthly_points
    where roll('points use', first_basket_key) < 0.23 and points >= 100
),

-- Sorted before there are texts to move.
bookings as (
    select *
    from (from purchases union all from welcomes union all from uses)
    where is_within_window(recorded_at)
    order by recorded_at::date, sort_key
),

entries as (
    select
        *,
        case reason
            when 'purchase' then 'P' || substr(receipt_or_order_id, 2)
            when 'bonus' then 'PB' || substr(loyalty_id, 2)
            else 'PU' || strftime(recorded_at - interval 1 month, '%y%m') || substr(loyalty_id, 2)
        end as points_id,
        -- Beside the row itself, now and then an extra one that no quality gate should let through:
        -- with a moment that is none.
        unnest(
            if(reason = 'purchase' and roll('faulty points', sort_key) < 0.0005, [false, true], [false])
        ) as is_faulty
    from bookings
)

select
    recorded_at::date as landed_on,
    points_id || if(is_faulty, '-f', '') as points_id,
    loyalty_id,
    receipt_or_order_id,
    reason,
    points,
    if(is_faulty, 'yesterday', recorded_at::varchar) as recorded_at
from entries;

create view landing.loyalty__redemptions as
select
    shifted_redemptions.redeemed_on as landed_on,
    'D' || shifted_redemptions.redemption_number
        || if(households.copy_number > 1, '-' || households.copy_number, '') as redemption_id,
    memberships.loyalty_id,
    shifted_redemptions.coupon_id,
    shifted_redemptions.campaign_id,
    shifted_redemptions.redeemed_on
from shifted_redemptions
inner join households using (real_household_id)
inner join memberships
    on households.household_number * 4 + 1 = memberships.person_number
where is_within_window(shifted_redemptions.redeemed_on)
order by landed_on, shifted_redemptions.redemption_number, households.household_number;
