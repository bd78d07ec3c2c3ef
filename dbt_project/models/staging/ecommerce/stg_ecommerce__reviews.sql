-- Grain: review_id. From raw.ecommerce__reviews, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('ecommerce', 'reviews') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('review_id') }} is not null
    qualify {{ newest_rows([clean_text('review_id')]) }}

)

select
    {{ clean_text('review_id') }} as review_id,
    {{ clean_text('account_id') }} as account_id,
    {{ clean_text('product_id') }} as product_id,
    cast(rating as bigint) as rating,
    cast(reviewed_at as timestamp) as reviewed_at
from newest_rows
