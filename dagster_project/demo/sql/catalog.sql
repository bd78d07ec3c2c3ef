-- catalog/products and campaigns, whole each time: on the first day, then quarterly and monthly.

-- What a department pays for what it sells, as a share of the price; where none is named, as groceries.
create macro department_cost_share(department) as
    case department
        when 'PRODUCE' then 0.62
        when 'DRUG GM' then 0.66
        when 'COSMETICS' then 0.58
        when 'NUTRITION' then 0.68
        when 'MEAT' then 0.76
        when 'MEAT-PCKGD' then 0.74
        when 'SEAFOOD' then 0.72
        when 'SEAFOOD-PCKGD' then 0.72
        when 'DELI' then 0.58
        when 'CHEF SHOPPE' then 0.58
        when 'RESTAURANT' then 0.50
        when 'SALAD BAR' then 0.50
        when 'PASTRY' then 0.48
        when 'FLORAL' then 0.55
        when 'GARDEN CENTER' then 0.60
        when 'SPIRITS' then 0.78
        when 'FUEL' then 0.94
        else 0.73
    end;

-- Of a product that was never sold nobody knows a price, so nobody knows the cost here; nor is a cost known
-- that is less than a cent, as that of a thousandth of a gallon of fuel. What was first sold in the first 60
-- days had been there before, and so had what was never sold.
create table product_facts as
with sales as (
    select
        product_id,
        median(sales_value / quantity) filter (where quantity > 0 and sales_value > 0) as usual_price,
        min(transaction_timestamp)::date + shift_days() as first_sold_on
    from real_transactions
    group by product_id
)

select
    products.product_id,
    nullif(
        (
            sales.usual_price
            * department_cost_share(products.department)
            -- A retailer pays less for its own brand.
            * if(products.brand = 'Private', 0.86, 1.0)
            * (0.94 + 0.12 * roll('unit cost', products.product_id))
        )::decimal(12, 2),
        0
    ) as unit_cost,
    if(
        sales.first_sold_on >= data_start() + 60,
        sales.first_sold_on,
        data_start() - 30 - pick('launched on', products.product_id, 2500)::integer
    ) as launched_on
from real_products as products
left join sales
    on products.product_id = sales.product_id;

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
    -- The data tell who makes a product, not how the maker calls it; the retailer's own is one brand.
    if(products.brand = 'Private', 'Own label', 'Manufacturer ' || products.manufacturer_id) as brand,
    products.brand as brand_type,
    products.product_category as category,
    products.product_type,
    products.package_size,
    product_facts.unit_cost,
    product_facts.launched_on
from releases
cross join real_products as products
inner join product_facts
    on products.product_id = product_facts.product_id
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
