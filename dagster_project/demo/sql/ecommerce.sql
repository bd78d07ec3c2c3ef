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
        accounts.record_number,
        accounts.record_id as account_id,
        account_contacts.* exclude (record_id),
        if(
            roll('account knows card', contact_key) < 0.5
            and memberships.card_since::date <= landing_day(accounts.written_at),
            memberships.loyalty_id, null
        ) as loyalty_id,
        people.moves_on,
        people.household_number,
        accounts.written_at as created_at,
        accounts.written_at as updated_at
    from accounts
    inner join account_contacts using (record_id)
    inner join people using (person_number)
    inner join memberships using (person_number)
),

moves as (
    select entries.* replace (
        homes.street as street,
        homes.postcode as postcode,
        homes.city as city,
        moment(entries.moves_on, second_between('move', entries.contact_key, 6, 23)) as updated_at
    )
    from entries
    inner join homes
        on entries.household_number = homes.household_number
        and homes.is_new_home
    where
        landing_day(entries.created_at) < entries.moves_on
        and roll('tells of move', entries.contact_key) < 0.75
),

rows_of_all_kinds as (
    select *, record_number * 2 as sort_key from entries
    union all
    select *, record_number * 2 + 1 from moves
)

select
    landing_day(updated_at) as landed_on,
    sort_key,
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
from rows_of_all_kinds;

create table guest_orders as
select
    basket_key as record_number,
    'O' || basket_label as record_id,
    person_number,
    purchased_at as written_at
from basket_traces
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
    from basket_traces
    left join guest_contacts
        on 'O' || basket_traces.basket_label = guest_contacts.record_id
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
    sort_key,
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
from (from placed_orders union all by name from faulty_orders);

create view landing.ecommerce__order_items as
select
    basket_traces.purchased_at::date as landed_on,
    basket_traces.basket_key * 1024 + shifted_lines.line_number as sort_key,
    'O' || basket_traces.basket_label as order_id,
    shifted_lines.line_number,
    shifted_lines.product_id,
    shifted_lines.quantity,
    shifted_lines.sales_amount,
    shifted_lines.retail_discount,
    shifted_lines.coupon_discount,
    shifted_lines.coupon_match_discount
from basket_traces
inner join shifted_lines using (basket_id)
where basket_traces.is_online;
