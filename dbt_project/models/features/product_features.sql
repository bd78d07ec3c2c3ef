-- Grain: profile_id, as_of. What a person buys, in the 365 days that end with the day: favourite products,
-- categories and brands, lists of what was bought and of what is bought again, products that are new.
-- Leaves out anonymous sales. Products that are not in the catalogue count among the sales, as nothing else.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

products as (

    select * from {{ ref('products') }}

),

described_profiles as (

    {{ described_profiles() }}

),

profile_records as (

    {{ profile_records() }}

),

numbered_products as (

    select
        product_id,
        category,
        brand,
        launched_on,
        row_number() over (order by product_id) as product_number,
        -- Where a category has one brand, nobody chooses, and who buys it again is not loyal to it.
        min(brand) over (partition by category) < max(brand) over (partition by category) as has_rivals
    from products

),

bought_products as (

    select
        profile_records.profile_number,
        numbered_products.product_number,
        sum(daily_activity.activity_count) as purchase_count,
        sum(daily_activity.sales_amount) as sales_amount,
        sum(
            case
                when
                    numbered_products.launched_on <= daily_activity.activity_on
                    and numbered_products.launched_on > {{ days_before(90, 'daily_activity.activity_on') }}
                    then daily_activity.sales_amount
                else 0
            end
        ) as new_product_sales_amount
    from daily_activity
    left join numbered_products on daily_activity.product_id = numbered_products.product_id
    inner join profile_records on daily_activity.record_number = profile_records.record_number
    where
        daily_activity.activity_type = 'purchase'
        and daily_activity.activity_on > {{ days_before(365, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by profile_records.profile_number, numbered_products.product_number

),

product_totals as (

    select
        bought_products.profile_number,
        {{ value_at_most('numbered_products.product_id', 'bought_products.sales_amount') }}
            as favourite_product_id,
        max(case when numbered_products.product_id is not null then bought_products.sales_amount end)
            as favourite_product_sales_amount,
        {{ value_at_most(
            'case when numbered_products.product_id is not null then bought_products.purchase_count end',
            'bought_products.sales_amount', 'numbered_products.product_id'
        ) }} as favourite_product_purchase_count,
        count(numbered_products.product_id) as product_count,
        sum(bought_products.sales_amount) as sales_amount,
        sum(bought_products.new_product_sales_amount) as new_product_sales_amount,
        {{ sorted_list(
            'case when bought_products.purchase_count >= 3 then numbered_products.product_id end'
        ) }} as regular_products
    from bought_products
    left join numbered_products on bought_products.product_number = numbered_products.product_number
    group by bought_products.profile_number

),

bought_brands_of_categories as (

    select
        bought_products.profile_number,
        numbered_products.category,
        numbered_products.brand,
        max(case when numbered_products.has_rivals then 1 else 0 end) as has_rivals,
        sum(bought_products.purchase_count) as purchase_count,
        sum(bought_products.sales_amount) as sales_amount
    from bought_products
    inner join numbered_products on bought_products.product_number = numbered_products.product_number
    group by bought_products.profile_number, numbered_products.category, numbered_products.brand

),

{% for kind, plural in {'category': 'categories', 'brand': 'brands'}.items() -%}
bought_{{ plural }} as (

    select
        profile_number,
        {{ kind }},
        {% if kind == 'category' -%}
        max(has_rivals) as has_rivals,
        max(case when brand is not null then sales_amount else 0 end) as first_brand_sales_amount,
        {% endif -%}
        sum(purchase_count) as purchase_count,
        sum(sales_amount) as sales_amount
    from bought_brands_of_categories
    where {{ kind }} is not null
    group by profile_number, {{ kind }}

),

{{ kind }}_totals as (

    select
        profile_number,
        {{ value_at_most(kind, 'sales_amount') }} as favourite_{{ kind }},
        {{ value_at_most('purchase_count', 'sales_amount', kind) }} as favourite_{{ kind }}_purchase_count,
        max(sales_amount) as favourite_{{ kind }}_sales_amount,
        count(*) as {{ kind }}_count,
        {% if kind == 'category' -%}
        {{ sorted_list(kind) }} as all_{{ plural }},
        sum(case when has_rivals = 1 and purchase_count >= 3 then first_brand_sales_amount end)
            as first_brand_sales_amount,
        sum(case when has_rivals = 1 and purchase_count >= 3 then sales_amount end) as chosen_sales_amount,
        {% endif -%}
        {{ sorted_list('case when purchase_count >= 3 then ' ~ kind ~ ' end') }} as regular_{{ plural }}
    from bought_{{ plural }}
    group by profile_number

),

{% endfor -%}
profile_numbers as (

    select distinct profile_id, profile_number
    from profile_records

)

select
    described_profiles.profile_id,
    product_totals.favourite_product_id as favourite_product_id_365d,
    {{ share_of('product_totals.favourite_product_sales_amount', 'product_totals.sales_amount') }}
        as favourite_product_sales_share_365d,
    cast(coalesce(product_totals.favourite_product_purchase_count, 0) as bigint)
        as favourite_product_purchase_count_365d,
    category_totals.favourite_category as favourite_category_365d,
    {{ share_of('category_totals.favourite_category_sales_amount', 'product_totals.sales_amount') }}
        as favourite_category_sales_share_365d,
    cast(coalesce(category_totals.favourite_category_purchase_count, 0) as bigint)
        as favourite_category_purchase_count_365d,
    brand_totals.favourite_brand as favourite_brand_365d,
    {{ share_of('brand_totals.favourite_brand_sales_amount', 'product_totals.sales_amount') }}
        as favourite_brand_sales_share_365d,
    cast(coalesce(brand_totals.favourite_brand_purchase_count, 0) as bigint)
        as favourite_brand_purchase_count_365d,
    {{ share_of('category_totals.first_brand_sales_amount', 'category_totals.chosen_sales_amount') }}
        as brand_loyalty_365d,
    cast(coalesce(product_totals.product_count, 0) as bigint) as bought_product_count_365d,
    cast(coalesce(category_totals.category_count, 0) as bigint) as bought_category_count_365d,
    cast(coalesce(brand_totals.brand_count, 0) as bigint) as bought_brand_count_365d,
    {{ filled_list('category_totals.all_categories') }} as bought_categories_365d,
    {{ filled_list('category_totals.regular_categories') }} as regular_categories_365d,
    {{ filled_list('brand_totals.regular_brands') }} as regular_brands_365d,
    {{ filled_list('product_totals.regular_products') }} as regular_products_365d,
    {{ share_of('product_totals.new_product_sales_amount', 'product_totals.sales_amount') }}
        as new_product_sales_share_365d,
    described_profiles.as_of
from described_profiles
left join profile_numbers on described_profiles.profile_id = profile_numbers.profile_id
left join product_totals on profile_numbers.profile_number = product_totals.profile_number
left join category_totals on profile_numbers.profile_number = category_totals.profile_number
left join brand_totals on profile_numbers.profile_number = brand_totals.profile_number
