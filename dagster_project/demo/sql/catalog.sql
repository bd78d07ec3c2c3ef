-- catalog/products and campaigns, whole each time: on the first day, then quarterly and monthly.

create view landing.catalog__products as
with releases as (
    select unnest(
        list_distinct([first_day()] || list_transform(
            range(date_trunc('quarter', first_day())::timestamp, last_day() + interval 1 day, interval 3 months),
            lambda quarter: greatest(quarter::date, first_day())
        ))
    ) as landed_on
)

select
    releases.landed_on,
    products.product_id::varchar as product_id,
    concat_ws(', ', products.product_type, products.package_size) as product_name,
    products.manufacturer_id::varchar as manufacturer_id,
    products.department,
    products.brand,
    products.product_category as category,
    products.product_type,
    products.package_size
from releases
cross join real_products as products
order by releases.landed_on, products.product_id;

create view landing.catalog__campaigns as
with releases as (
    select unnest(
        list_distinct(list_transform(
            range(date_trunc('month', first_day())::timestamp, last_day() + interval 1 day, interval 1 month),
            lambda month: greatest(month::date, first_day())
        ))
    ) as landed_on
)

select
    releases.landed_on,
    campaigns.*
from releases
inner join shifted_campaigns as campaigns
    -- Campaigns are planned two months ahead.
    on campaigns.starts_on < date_trunc('month', releases.landed_on) + interval 3 months
order by releases.landed_on, campaigns.campaign_id::bigint;
