-- Grain: product_id. The catalogue's products, as its newest file has them.
-- Leaves out products that were sold but are not in the catalogue.
with catalogue_products as (

    select * from {{ ref('stg_catalog__products') }}

)

select
    product_id,
    product_name,
    manufacturer_id,
    department,
    brand,
    brand_type,
    category,
    product_type,
    package_size,
    unit_cost,
    launched_on
from catalogue_products
