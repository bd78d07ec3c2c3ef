-- What the real baskets hold, and which products are bought most.

-- A list per basket, in the order of the purchases: whoever joins it to baskets in that order and
-- unnests it has the lines in order too, without sorting each of them.
create table basket_lines as
with lines as (
    select
        basket_id,
        transaction_timestamp,
        product_id::varchar as product_id,
        quantity,
        sales_value::decimal(12, 2) as sales_amount,
        retail_disc::decimal(12, 2) as retail_discount,
        coupon_disc::decimal(12, 2) as coupon_discount,
        coupon_match_disc::decimal(12, 2) as coupon_match_discount
    from real_transactions
    where
        transaction_timestamp >= (first_day() - shift_days())::timestamp
        and transaction_timestamp < (last_day() + 1 - shift_days())::timestamp
    order by transaction_timestamp, basket_id, real_transactions.product_id
)

select
    basket_id,
    list({
        'product_id': product_id,
        'quantity': quantity,
        'sales_amount': sales_amount,
        'retail_discount': retail_discount,
        'coupon_discount': coupon_discount,
        'coupon_match_discount': coupon_match_discount
    }) as lines
from lines
group by basket_id
order by min(transaction_timestamp), basket_id;

-- What people look at without buying it: a list, so that a number between 1 and 2000 finds a product
-- without a join. A few numbers find none.
create table popular_products as
with numbered as (
    select
        row_number() over (order by count(*) desc, product_id) as product_number,
        product_id::varchar as product_id
    from real_transactions
    group by product_id
    order by count(*) desc, product_id
    limit 2000
)

select list(numbered.product_id order by numbers.product_number) as product_ids
from range(1, 2001) as numbers (product_number)
left join numbered using (product_number);
