-- web/events: sessions around the real online baskets, carts that were left, and visits to look around.

create table session_starts as
with checkouts as (
    select
        basket_key * 2 as session_key,
        'S' || basket_label as session_id,
        'checkout' as kind,
        person_number,
        chance_key,
        device_id,
        account_id,
        'O' || basket_label as order_id,
        basket_id,
        -- Clipped at the first day, so that a session never reaches back before the window.
        greatest(
            purchased_at - to_seconds(180 + pick('session length', chance_key, 1500)),
            first_day()::timestamp
        ) as started_at,
        purchased_at as ended_at
    from basket_traces
    where is_online
),

visitors as (
    select
        people.person_number,
        memberships.account_id,
        memberships.account_since,
        people_devices.* exclude (person_number),
        case
            when people.is_online then 0.05 + 0.3 * roll('visits', person_number)
            when memberships.account_since is not null then 0.06
            else 0.03
        end as visits_per_week
    from people
    inner join memberships using (person_number)
    inner join people_devices using (person_number)
    where
        people.is_online
        or memberships.account_since is not null
        or roll('just looks', person_number) < 0.12
),

weekly_visits as (
    select
        visitors.*,
        hash(visitors.person_number, weeks.week_number) as chance_key,
        weeks.week_number
    from visitors
    cross join range((last_day() - first_day()) // 7 + 1) as weeks (week_number)
),

visits as (
    select
        *,
        moment(
            first_day() + week_number::integer * 7 + pick('visit day', chance_key, 7)::integer,
            second_between('visit time', chance_key, 6, 22)
        ) as started_at
    from weekly_visits
    where roll('visit', chance_key) < visits_per_week
)

select * from checkouts
union all
select
    (person_number * 1024 + week_number) * 2 + 1 as session_key,
    'V' || to_hex(chance_key) as session_id,
    if(roll('fills cart', chance_key) < 0.4, 'left cart', 'visit') as kind,
    person_number,
    chance_key,
    device_in_use(chance_key, first_device_id, second_device_id, tablet_id) as device_id,
    if(account_since <= started_at, account_id, null) as account_id,
    null as order_id,
    null as basket_id,
    started_at,
    started_at + to_seconds(40 + pick('visit length', chance_key, 1400)) as ended_at
from visits
where started_at::date <= last_day();

-- position is the place of an event in its session, from 0 to 20; who is not logged in from the start
-- logs in at the till (18), or not at all.
create table web_sessions as
select
    *,
    greatest(1, epoch(ended_at - started_at)::bigint) as duration_seconds,
    case
        when roll('logged in before', chance_key) < 0.6 then 0
        when kind = 'checkout' then 18
        else 99
    end as logs_in_at,
    case
        when kind = 'checkout' then 5
        else 1 + pick('products seen', chance_key, 5)
    end as product_limit
from session_starts;

create view landing.web__events as
with session_steps as (
    select
        session_key,
        unnest(case kind
            when 'checkout' then [
                {'position': 0, 'event_type': 'session', 'page': null},
                {'position': 1, 'event_type': 'page_view', 'page': '/'},
                {'position': 18, 'event_type': 'page_view', 'page': '/cart'},
                {'position': 20, 'event_type': 'checkout', 'page': null}
            ]
            when 'left cart' then [
                {'position': 0, 'event_type': 'session', 'page': null},
                {'position': 1, 'event_type': 'page_view', 'page': '/offers'},
                {'position': 18, 'event_type': 'page_view', 'page': '/cart'}
            ]
            else [
                {'position': 0, 'event_type': 'session', 'page': null},
                {'position': 1, 'event_type': 'page_view', 'page': '/search'}
            ]
        end, recursive := true),
        null as product_id,
        0 as fault
    from web_sessions
),

bought_products as (
    select
        web_sessions.session_key,
        shifted_lines.line_number as place,
        shifted_lines.product_id,
        ['product_view', 'add_to_cart'] as actions
    from web_sessions
    inner join shifted_lines
        on web_sessions.basket_id = shifted_lines.basket_id
        and shifted_lines.line_number <= 5
),

looked_at_products as (
    select
        session_key,
        kind,
        chance_key,
        unnest(range(1, product_limit + 1)) as place
    from web_sessions
    where kind != 'checkout'
),

other_products as (
    select
        looked_at_products.session_key,
        looked_at_products.place,
        popular_products.product_id,
        case
            when kind = 'left cart' and place = 1 and roll('removes', chance_key) < 0.25
                then ['product_view', 'add_to_cart', 'remove_from_cart']
            when kind = 'left cart' and place <= 1 + pick('cart size', chance_key, 3)
                then ['product_view', 'add_to_cart']
            when kind = 'visit' and place = 1 and roll('wishes', chance_key) < 0.2
                then ['product_view', 'wish_list']
            else ['product_view']
        end as actions
    from looked_at_products
    inner join popular_products
        on pick('product seen', hash(chance_key, place), 2000) = popular_products.product_number
),

product_steps as (
    select
        session_key,
        place * 3 + generate_subscripts(actions, 1) - 1 as position,
        unnest(actions) as event_type,
        null as page,
        product_id,
        0 as fault
    from (from bought_products union all from other_products)
),

-- Extra rows that no quality gate should let through: 1 without an id, 2 of an unknown type,
-- 3 years ahead, 4 one key twice.
faulty_steps as (
    select
        session_key,
        1 as position,
        if(fault = 2, 'page_veiw', 'page_view') as event_type,
        '/' as page,
        null as product_id,
        fault
    from (
        select
            session_key,
            unnest([[1], [2], [3], [4, 4]][1 + pick('fault', chance_key, 4)]) as fault
        from web_sessions
        where roll('faulty event', chance_key) < 0.006
    )
),

steps as (
    from session_steps
    union all by name
    from product_steps
    union all by name
    from faulty_steps
),

events as (
    select
        *,
        started_at + to_seconds(position * duration_seconds // 20) as occurred_at
    from steps
    inner join web_sessions using (session_key)
)

select
    occurred_at::date as landed_on,
    session_key * 64 + position * 2 + (fault > 0)::integer as sort_key,
    case
        when fault = 0 then session_id || '-' || position
        when fault > 1 then session_id || '-f'
    end as event_id,
    event_type,
    session_id,
    device_id,
    if(position >= logs_in_at, account_id, null) as account_id,
    product_id,
    if(event_type = 'checkout', order_id, null) as order_id,
    page,
    if(event_type = 'session', duration_seconds, null) as duration_seconds,
    if(fault = 3, occurred_at + to_years(20), occurred_at) as occurred_at
from events;
