-- Grain: product_id. From raw.catalog__products, typed:
-- the rows of the newest file.
-- Leaves out in which file a row landed, and rows without a key.
with landed_rows as (

    select * from {{ source('catalog', 'products') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('product_id') }} is not null
    qualify {{ newest_rows([clean_text('product_id')]) }}

)

select
    {{ clean_text('product_id') }} as product_id,
    {{ clean_text('product_name') }} as product_name,
    {{ clean_text('manufacturer_id') }} as manufacturer_id,
    {{ clean_text('department') }} as department,
    {{ clean_text('brand') }} as brand,
    {{ clean_text('brand_type') }} as brand_type,
    {{ clean_text('category') }} as category,
    {{ clean_text('product_type') }} as product_type,
    {{ clean_text('package_size') }} as package_size,
    cast(unit_cost as decimal(12, 2)) as unit_cost,
    cast(launched_on as date) as launched_on
from newest_rows
