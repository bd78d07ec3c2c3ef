-- ecommerce/accounts, orders and order_items: the real baskets that were bought online.

create table accounts as
select
    person_number * 2 as record_number,
    account_id as record_id,
    person_number,
    account_since as written_at
from memberships
where account_since::date <= last_day()
union all
-- Some forget that they have an account and make a second one.
select
    person_number * 2 + 1,
    'A' || opaque(person_number * 2 + 1, 2246822519),
    person_number,
    account_since + to_seconds(86400 + pick('second account', person_number, 250 * 86400))
from memberships
where
    roll('second account', person_number) < 0.03
    and (account_since + to_seconds(86400 + pick('second account', person_number, 250 * 86400)))::date <= last_day();

create view account_contacts as
from written_contacts('ecommerce__accounts', 'accounts', 0.0, 0.35, 0.0);

create view landing.ecommerce__accounts as
with entries as (
    select
        accounts.record_number * 2 as sort_key,
        accounts.record_id as account_id,
        account_contacts.* exclude (record_id),
        identities.moves_on,
        identities.new_street,
        identities.new_postcode,
        identities.new_city,
        if(
            roll('account knows card', contact_key) < 0.5
            and memberships.card_since::date <= landing_day(accounts.written_at),
            memberships.loyalty_id, null
        ) as loyalty_id,
        accounts.written_at as created_at,
        accounts.written_at as updated_at
    from accounts
    inner join account_contacts using (record_id)
    inner join identities using (person_number)
    inner join memberships using (person_number)
),

moves as (
    select * replace (
        sort_key + 1 as sort_key,
        new_street as street,
        new_postcode as postcode,
        new_city as city,
        moment(moves_on, second_between('move', contact_key, 6, 23)) as updated_at
    )
    from entries
    where landing_day(created_at) < moves_on and roll('tells of move', contact_key) < 0.75
)

select
    landing_day(updated_at) as landed_on,
    account_id,
    first_name,
    last_name,
    email,
    phone,
    birth_date,
    street,
    postcode,
    city,
    'US' as country,
    loyalty_id,
    created_at,
    updated_at
from (from entries union all from moves)
order by landed_on, sort_key;

create table guest_orders as
select
    basket_key as record_number,
    'O' || basket_label as record_id,
    person_number,
    purchased_at as written_at
from baskets
where is_online and account_id is null;

create view guest_contacts as
from written_contacts('ecommerce__orders', 'guest_orders', 0.0, 0.4, 0.01);

create view landing.ecommerce__orders as
with placed_orders as (
    select
        basket_key * 2 as sort_key,
        'O' || basket_label as order_id,
        account_id,
        guest_contacts.* exclude (record_id, contact_key),
        device_id,
        online_channel as channel,
        purchased_at as ordered_at,
        purchased_at::date as landed_on
    from baskets
    left join guest_contacts
        on 'O' || baskets.basket_label = guest_contacts.record_id
    where is_online
),

-- Extra rows that no quality gate should let through: no id, or an order from years ahead.
faulty_orders as (
    select placed_orders.* replace (
        sort_key + 1 as sort_key,
        if(pick('fault', sort_key, 2) = 0, null, order_id || '-f') as order_id,
        if(pick('fault', sort_key, 2) = 0, ordered_at, ordered_at + to_years(20)) as ordered_at
    )
    from placed_orders
    where roll('faulty order', sort_key) < 0.001
)

select
    landed_on,
    order_id,
    account_id,
    email,
    phone,
    first_name,
    last_name,
    street,
    postcode,
    city,
    device_id,
    channel,
    ordered_at
from (from placed_orders union all by name from faulty_orders)
order by sort_key;

create view landing.ecommerce__order_items as
select
    baskets.purchased_at::date as landed_on,
    'O' || baskets.basket_label as order_id,
    generate_subscripts(basket_lines.lines, 1) as line_number,
    unnest(basket_lines.lines, recursive := true)
from baskets
inner join basket_lines using (basket_id)
where baskets.is_online;
