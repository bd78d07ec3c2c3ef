-- Grain: product_id. From raw.catalog__products, typed:
-- the rows of the newest file.
-- Leaves out in which file a row landed.
with landed_rows as (

    select * from {{ source('catalog', 'products') }}

)

select
    {{ clean_text('product_id') }} as product_id,
    {{ clean_text('product_name') }} as product_name,
    {{ clean_text('manufacturer_id') }} as manufacturer_id,
    {{ clean_text('department') }} as department,
    {{ clean_text('brand') }} as brand,
    {{ clean_text('category') }} as category,
    {{ clean_text('product_type') }} as product_type,
    {{ clean_text('package_size') }} as package_size
from landed_rows
