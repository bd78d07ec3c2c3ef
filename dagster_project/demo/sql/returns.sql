-- ecommerce/returns and store/returns: of some of the real baskets one line, days later. Anonymous
-- receipts are returned as well, whoever brings them back.

create table returned_lines as
with basket_ends as (
    select
        *,
        if(is_online, 0.07, 0.04) as return_share
    from baskets
),

picked as (
    select
        basket_ends.basket_key,
        basket_ends.basket_label,
        basket_ends.is_online,
        basket_ends.chance_key,
        1 + pick('returned line', basket_ends.chance_key, len(basket_lines.lines)) as line_number,
        basket_lines.lines[1 + pick('returned line', basket_ends.chance_key, len(basket_lines.lines))] as line,
        moment(
            basket_ends.purchased_at::date + 1 + pick('returned after', basket_ends.chance_key, 21)::integer,
            second_between('returned at', basket_ends.chance_key, 8, 20)
        ) as returned_at
    from basket_ends
    inner join basket_lines using (basket_id)
    where roll('returns', basket_ends.chance_key) < basket_ends.return_share
)

select
    basket_key,
    basket_label,
    is_online,
    chance_key,
    line_number,
    line.product_id as product_id,
    -- Of several pieces now and then only one.
    if(roll('returns all', chance_key) < 0.7, line.quantity, 1)::bigint as quantity,
    (
        line.sales_amount * if(roll('returns all', chance_key) < 0.7, line.quantity, 1) / line.quantity
    )::decimal(12, 2) as refund_amount,
    returned_at
from picked
where
    returned_at::date <= last_day()
    and line.sales_amount > 0
    -- Fuel, sold by the thousandth of a gallon, stays sold.
    and line.quantity between 1 and 100
order by returned_at::date, basket_key;

create view landing.ecommerce__returns as
select
    returned_at::date as landed_on,
    'B' || basket_label as return_id,
    'O' || basket_label as order_id,
    line_number,
    product_id,
    quantity,
    refund_amount,
    choose('online reason', chance_key, [
        'damaged', 'wrong item', 'not as described', 'not as described', 'changed mind', 'changed mind', 'too late'
    ]) as reason,
    returned_at
from returned_lines
where is_online;

create view landing.store__returns as
with entries as (
    select
        *,
        -- Beside the row itself, now and then an extra one that no quality gate should let through: of no
        -- receipt.
        unnest(if(roll('faulty return', chance_key) < 0.005, [false, true], [false])) as is_faulty
    from returned_lines
    where not is_online
)

select
    returned_at::date as landed_on,
    'B' || basket_label || if(is_faulty, '-f', '') as return_id,
    if(is_faulty, null, 'R' || basket_label) as receipt_id,
    line_number,
    product_id,
    quantity,
    refund_amount,
    choose('store reason', chance_key, [
        'damaged', 'spoiled', 'spoiled', 'wrong item', 'changed mind', 'changed mind'
    ]) as reason,
    returned_at
from entries;
