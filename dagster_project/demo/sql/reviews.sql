-- ecommerce/reviews: what people who are logged in say, in stars, of what they have bought.

create view landing.ecommerce__reviews as
with reviewed_baskets as (
    select
        baskets.basket_key,
        baskets.basket_label,
        baskets.chance_key,
        baskets.person_number,
        baskets.account_id,
        basket_lines.lines[1 + pick('reviewed line', baskets.chance_key, len(basket_lines.lines))] as line,
        moment(
            baskets.purchased_at::date + 2 + pick('reviewed after', baskets.chance_key, 28)::integer,
            second_between('reviewed at', baskets.chance_key, 6, 23)
        ) as reviewed_at
    from baskets
    inner join basket_lines using (basket_id)
    where
        baskets.account_id is not null
        -- Some review often, most never do.
        and roll('writes reviews', baskets.person_number) < 0.35
        and roll('reviews', baskets.chance_key) < 0.3 * roll('writes reviews often', baskets.person_number)
),

reviews as (
    select
        *,
        -- People see stars as people do, and products have their merits.
        least(5, greatest(
            1,
            2 + pick('merit', hash(line.product_id), 3) + pick('mood', person_number, 2) - pick('worst day', chance_key, 3)
            + pick('best day', chance_key, 2)
        )) as rating
    from reviewed_baskets
    where
        reviewed_at::date <= last_day()
        and line.product_id is not null
    order by reviewed_at::date, basket_key
),

entries as (
    select
        *,
        -- Beside the row itself, now and then an extra one that no quality gate should let through: no star
        -- at all.
        unnest(if(roll('faulty review', chance_key) < 0.01, [false, true], [false])) as is_faulty
    from reviews
)

select
    reviewed_at::date as landed_on,
    'Z' || basket_label || if(is_faulty, '-f', '') as review_id,
    account_id,
    line.product_id as product_id,
    if(is_faulty, 0, rating)::integer as rating,
    reviewed_at
from entries;
