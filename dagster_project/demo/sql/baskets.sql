-- The real baskets in the hands of these people: who bought, where, with which card, account and device.

create table baskets as
with placed as (
    select
        households.household_number,
        households.copy_number,
        households.real_household_id,
        shifted_baskets.basket_id,
        shifted_baskets.basket_number * 1048576 + households.household_number as basket_key,
        shifted_baskets.basket_id
            || if(households.copy_number > 1, '-' || households.copy_number, '') as basket_label,
        shifted_baskets.store_id,
        shifted_baskets.sales_amount,
        -- Copies of a household shop on the same days at other times.
        case
            when households.copy_number = 1 then shifted_baskets.purchased_at
            else moment(
                shifted_baskets.purchased_at::date,
                (epoch(shifted_baskets.purchased_at)::bigint
                + pick('other time', hash(shifted_baskets.basket_id, households.copy_number), 7200)) % 86400
            )
        end as purchased_at,
        hash(shifted_baskets.basket_id, households.copy_number) as chance_key,
        households.online_share,
        households.first_adult_share,
        households.adult_count
    from shifted_baskets
    inner join households using (real_household_id)
    where is_within_window(shifted_baskets.purchased_at)
),

assigned as (
    select
        *,
        household_number * 4 + if(
            adult_count = 1 or roll('who shops', chance_key) < first_adult_share, 1, 2
        ) as person_number
    from placed
)

select
    assigned.* exclude (online_share, first_adult_share, adult_count),
    people.is_online and roll('online basket', chance_key) < assigned.online_share as is_online,
    case
        when roll('prefers app', assigned.person_number) < 0.3 then 'app'
        else 'web'
    end as online_channel
from assigned
inner join people using (person_number);

-- Phones, laptops, and the tablet that two people share (it counts as the first one's).
create table devices as
select
    'D' || opaque(person_number * 4 + device_number, 2971215073) as device_id,
    person_number,
    device_number
from people
cross join (values (1), (2), (3)) as numbers (device_number)
where
    case device_number
        when 1 then true
        when 2 then roll('second device', person_number) < 0.35
        else is_first_adult and has_shared_tablet
    end;

create table people_devices as
select
    people.person_number,
    first_device.device_id as first_device_id,
    coalesce(second_device.device_id, first_device.device_id) as second_device_id,
    tablet.device_id as tablet_id
from people
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
create table basket_traces as
select
    baskets.*,
    if(
        baskets.is_online
        and members.account_since <= baskets.purchased_at
        and roll('logged in', baskets.chance_key) < 0.95,
        members.account_id, null
    ) as account_id,
    case
        when members.card_since <= baskets.purchased_at
            and (baskets.is_online or roll('card forgotten', baskets.chance_key) >= 0.03)
            then members.loyalty_id
        when not baskets.is_online
            and partners.card_since <= baskets.purchased_at
            and roll('partner card', baskets.chance_key) < 0.85
            then partners.loyalty_id
    end as loyalty_id,
    not baskets.is_online and roll('e-receipts', baskets.person_number) < 0.2 as has_e_receipt,
    if(
        baskets.is_online,
        device_in_use(baskets.chance_key, first_device_id, second_device_id, tablet_id),
        null
    ) as device_id
from baskets
inner join memberships as members
    on baskets.person_number = members.person_number
inner join people_devices
    on baskets.person_number = people_devices.person_number
left join memberships as partners
    on baskets.household_number = partners.household_number
    and baskets.person_number != partners.person_number;
