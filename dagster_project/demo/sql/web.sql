-- web/events: sessions around the real online baskets, carts that were left, and visits to look around.

create table web_sessions as
with first_lines as (
    select
        basket_id,
        list_transform(lines[:5], lambda line: line.product_id) as product_ids
    from basket_lines
),

checkouts as (
    select
        baskets.basket_key * 2 as session_key,
        'S' || baskets.basket_label as session_id,
        'checkout' as kind,
        baskets.chance_key,
        baskets.device_id,
        baskets.account_id,
        baskets.online_channel as platform,
        'O' || baskets.basket_label as order_id,
        -- Clipped at the first day, so that a session never reaches back before the window.
        greatest(
            later(baskets.purchased_at, -180 - pick('session length', baskets.chance_key, 1500)),
            first_day()::timestamp
        ) as started_at,
        baskets.purchased_at as ended_at,
        first_lines.product_ids,
        5 as cart_size
    from baskets
    inner join first_lines using (basket_id)
    where baskets.is_online
),

visitors as (
    select
        *,
        case
            when is_online then 0.05 + 0.3 * roll('visits', person_number)
            when account_since is not null then 0.06
            else 0.03
        end as visits_per_week
    from shoppers
    where is_online or account_since is not null or roll('just looks', person_number) < 0.12
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
        ) as started_at,
        if(roll('fills cart', chance_key) < 0.4, 'left cart', 'visit') as kind
    from weekly_visits
    where roll('visit', chance_key) < visits_per_week
),

sessions as (
    from checkouts
    union all
    select
        (visits.person_number * 1024 + visits.week_number) * 2 + 1 as session_key,
        'V' || to_hex(visits.chance_key) as session_id,
        visits.kind,
        visits.chance_key,
        device_in_use(visits.chance_key, first_device_id, second_device_id, tablet_id) as device_id,
        if(account_since <= started_at, account_id, null) as account_id,
        -- Who has the app looks around in the browser too, now and then.
        if(
            visits.online_channel = 'app' and roll('in the app', visits.chance_key) < 0.8, 'app', 'web'
        ) as platform,
        null as order_id,
        visits.started_at,
        later(visits.started_at, 40 + pick('visit length', visits.chance_key, 1400)) as ended_at,
        list_transform(
            range(1, 2 + pick('products seen', visits.chance_key, 5)),
            lambda place: popular_products.product_ids[
                1 + pick('product seen', hash(visits.chance_key, place), 2000)
            ]
        ) as product_ids,
        if(visits.kind = 'left cart', 1 + pick('cart size', visits.chance_key, 3), 0) as cart_size
    from visits
    cross join popular_products
    where started_at::date <= last_day()
)

select
    session_key,
    session_id,
    device_id,
    account_id,
    platform,
    order_id,
    product_ids,
    started_at,
    greatest(1, epoch(ended_at - started_at)::bigint) as duration_seconds,
    -- Who is not logged in from the start logs in at the till (18), or not at all.
    case
        when roll('logged in before', chance_key) < 0.6 then 0
        when kind = 'checkout' then 18
        else 99
    end as logs_in_at,
    kind,
    len(product_ids) as product_count,
    cart_size,
    kind = 'left cart' and roll('removes', chance_key) < 0.25 as removes_product,
    kind = 'visit' and roll('wishes', chance_key) < 0.2 as wishes_product,
    kind != 'left cart' and roll('shares', chance_key) < 0.03 as shares_product,
    -- An extra row that no quality gate should let through: 1 without an id, 2 of an unknown type,
    -- 3 years ahead, 4 one key twice.
    if(roll('faulty event', chance_key) < 0.006, 1 + pick('fault', chance_key, 4), 0) as fault
from sessions
order by started_at, session_key;

-- What happens in a session, as a list, once for all sessions in which the same happens.
-- position is the place of a step in its session, from 0 to 20; product is the product's in product_ids.
create table web_flows as
with kinds_of_sessions as (
    select distinct
        kind,
        product_count,
        cart_size,
        removes_product,
        wishes_product,
        shares_product,
        fault
    from web_sessions
),

pages (kind, position, event_type, page) as (
    values
    ('checkout', 0, 'session', null),
    ('checkout', 1, 'page_view', '/'),
    ('checkout', 18, 'page_view', '/cart'),
    ('checkout', 20, 'checkout', null),
    ('left cart', 0, 'session', null),
    ('left cart', 1, 'page_view', '/offers'),
    ('left cart', 18, 'page_view', '/cart'),
    ('visit', 0, 'session', null),
    ('visit', 1, 'page_view', '/search')
),

products as (
    select
        *,
        unnest(range(1, product_count + 1)) as product
    from kinds_of_sessions
),

steps as (
    select
        kinds_of_sessions.*,
        pages.position,
        pages.event_type,
        pages.page,
        null as product,
        0 as step_fault
    from kinds_of_sessions
    inner join pages using (kind)
    union all
    select
        * exclude (product),
        product * 3,
        'product_view',
        null,
        product,
        0
    from products
    union all
    select
        * exclude (product),
        product * 3 + 1,
        if(kind = 'visit', 'wish_list', 'add_to_cart'),
        null,
        product,
        0
    from products
    where product <= cart_size or (product = 1 and wishes_product)
    union all
    select
        * exclude (product),
        5,
        'remove_from_cart',
        null,
        product,
        0
    from products
    where product = 1 and removes_product
    union all
    -- In the place of taking something out again, which nobody does here who shares it.
    select
        * exclude (product),
        5,
        'social_share',
        null,
        product,
        0
    from products
    where product = 1 and shares_product
    union all
    select
        *,
        1,
        if(fault = 2, 'page_veiw', 'page_view'),
        '/',
        null,
        unnest(if(fault = 4, [4, 4], [fault]))
    from kinds_of_sessions
    where fault > 0
)

select
    kind,
    product_count,
    cart_size,
    removes_product,
    wishes_product,
    shares_product,
    fault,
    list(
        {
            'position': position,
            'id_ending': case step_fault when 0 then '-' || position when 1 then null else '-f' end,
            'event_type': event_type,
            'page': page,
            'product': product,
            'is_years_ahead': step_fault = 3
        }
        order by position, step_fault
    ) as steps
from steps
group by all;

create view landing.web__events as
with steps as (
    select
        web_sessions.*,
        unnest(web_flows.steps, recursive := true)
    from web_sessions
    inner join web_flows using (kind, product_count, cart_size, removes_product, wishes_product, shares_product, fault)
),

events as (
    select
        *,
        later(started_at, position * duration_seconds // 20) as occurred_at,
        product_ids[product] as product_id
    from steps
)

select
    occurred_at::date as landed_on,
    session_id || id_ending as event_id,
    event_type,
    session_id,
    device_id,
    if(position >= logs_in_at, account_id, null) as account_id,
    product_id,
    if(event_type = 'checkout', order_id, null) as order_id,
    page,
    if(event_type = 'session', duration_seconds, null) as duration_seconds,
    platform,
    if(is_years_ahead, occurred_at + to_years(20), occurred_at) as occurred_at
from events
-- A few of the numbers of products have none.
where product is null or product_id is not null;
