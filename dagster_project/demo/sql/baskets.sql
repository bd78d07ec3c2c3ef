-- The real baskets in the hands of these people: who bought, where, with which card, account and device.

-- Phones, laptops, and the tablet that two people share (it counts as the first one's).
create table devices as
select
    'D' || opaque(person_number * 4 + device_number, 2971215073) as device_id,
    person_number,
    device_number
from people
inner join households using (household_number)
cross join (values (1), (2), (3)) as numbers (device_number)
where
    case device_number
        when 1 then true
        when 2 then roll('second device', person_number) < 0.35
        else is_first_adult and has_shared_tablet
    end;

-- What people have with them when they shop.
create table shoppers as
select
    people.person_number,
    people.is_online,
    people.online_share,
    if(roll('prefers app', people.person_number) < 0.3, 'app', 'web') as online_channel,
    roll('e-receipts', people.person_number) < 0.2 as wants_e_receipts,
    own.account_id,
    own.account_since,
    own.loyalty_id,
    own.card_since,
    partner.loyalty_id as partner_loyalty_id,
    partner.card_since as partner_card_since,
    first_device.device_id as first_device_id,
    coalesce(second_device.device_id, first_device.device_id) as second_device_id,
    tablet.device_id as tablet_id
from people
inner join memberships as own
    on people.person_number = own.person_number
left join memberships as partner
    on people.household_number = partner.household_number
    and people.person_number != partner.person_number
inner join devices as first_device
    on people.person_number = first_device.person_number and first_device.device_number = 1
left join devices as second_device
    on people.person_number = second_device.person_number and second_device.device_number = 2
left join devices as tablet
    on people.household_number * 4 + 1 = tablet.person_number and tablet.device_number = 3;

create macro device_in_use(chance_key, first_device_id, second_device_id, tablet_id) as
    case
        when roll('which device', chance_key) < 0.4 then coalesce(tablet_id, first_device_id)
        when roll('which device', chance_key) < 0.7 then second_device_id
        else first_device_id
    end;

-- What each basket left behind: the account or the card it is known by, or neither.
-- In the order of purchases, which is that of basket_key too; what is made of them keeps it.
create table baskets as
with copies as (
    select
        shifted_baskets.basket_number * 1048576 + households.household_number as basket_key,
        shifted_baskets.basket_id,
        shifted_baskets.purchased_at as really_purchased_at,
        shifted_baskets.store_id,
        shifted_baskets.sales_amount,
        households.household_number,
        households.copy_number,
        households.adult_count,
        households.first_adult_share
    from shifted_baskets
    inner join households using (real_household_id)
    where is_within_window(shifted_baskets.purchased_at)
    order by basket_key
),

placed as (
    select
        *,
        hash(basket_id, copy_number) as chance_key,
        basket_id || if(copy_number > 1, '-' || copy_number, '') as basket_label,
        -- Copies of a household shop on the same days at other times.
        case
            when copy_number = 1 then really_purchased_at
            else moment(
                really_purchased_at::date,
                (epoch(really_purchased_at)::bigint + pick('other time', chance_key, 7200)) % 86400
            )
        end as purchased_at
    from copies
),

assigned as (
    select
        *,
        household_number * 4 + if(
            adult_count = 1 or roll('who shops', chance_key) < first_adult_share, 1, 2
        ) as person_number
    from placed
),

carried as (
    select
        assigned.*,
        shoppers.* exclude (person_number, is_online, online_share),
        shoppers.is_online and roll('online basket', assigned.chance_key) < shoppers.online_share as is_online
    from assigned
    inner join shoppers using (person_number)
)

select
    basket_key,
    basket_id,
    basket_label,
    chance_key,
    person_number,
    purchased_at,
    store_id,
    sales_amount,
    is_online,
    if(is_online, online_channel, null) as online_channel,
    if(
        is_online and account_since <= purchased_at and roll('logged in', chance_key) < 0.95,
        account_id, null
    ) as account_id,
    case
        when card_since <= purchased_at
            and (is_online or roll('card forgotten', chance_key) >= 0.03)
            then loyalty_id
        when not is_online
            and partner_card_since <= purchased_at
            and roll('partner card', chance_key) < 0.85
            then partner_loyalty_id
    end as loyalty_id,
    not is_online and wants_e_receipts as has_e_receipt,
    if(
        is_online, device_in_use(chance_key, first_device_id, second_device_id, tablet_id), null
    ) as device_id
from carried;
