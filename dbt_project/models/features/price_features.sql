-- Grain: profile_id, as_of. What prices mean to a person, in the 365 days that end with the day: discounts
-- and coupons, the price paid beside the usual one, the level of prices chosen, promotions and answers.
-- A product's usual price is the median of what everybody paid for a unit of it in these days.
-- Leaves out anonymous sales, from the usual prices as well, and shelf prices, which no source has.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

interactions as (

    select * from {{ ref('interactions') }}

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

-- A price that fewer than three purchases tell is nobody's usual one.
usual_prices as (

    select
        product_id,
        cast({{ median_of('sales_amount / quantity') }} as decimal(18, 4)) as usual_price
    from daily_activity
    where
        activity_type = 'purchase'
        and activity_on > {{ days_before(365, as_of_date()) }}
        and activity_on <= {{ as_of_date() }}
        and quantity > 0
    group by product_id
    having sum(activity_count) >= 3

),

-- 0 is the cheapest product of its category, 1 the dearest; the only one has no level, nor has one without a
-- category.
priced_products as (

    select
        usual_prices.product_id,
        usual_prices.usual_price,
        case
            when products.category is not null
                then cast(
                    {{ share_of(
                        'rank() over (partition by products.category order by usual_prices.usual_price) - 1',
                        'count(*) over (partition by products.category) - 1'
                    ) }} as decimal(9, 6)
                    )
        end as price_level
    from usual_prices
    left join products on usual_prices.product_id = products.product_id

),

purchase_totals as (

    select
        profile_records.profile_number,
        sum(daily_activity.sales_amount) as sales_amount,
        sum(daily_activity.discounted_sales_amount) as discounted_sales_amount,
        sum(daily_activity.coupon_sales_amount) as coupon_sales_amount,
        sum(case when priced_products.usual_price > 0 then daily_activity.sales_amount end)
            as priced_sales_amount,
        sum(daily_activity.quantity * priced_products.usual_price) as usual_sales_amount,
        sum(case when priced_products.price_level is not null then daily_activity.sales_amount end)
            as levelled_sales_amount,
        sum(daily_activity.sales_amount * priced_products.price_level) as level_by_sales
    from daily_activity
    left join priced_products on daily_activity.product_id = priced_products.product_id
    inner join profile_records on daily_activity.record_number = profile_records.record_number
    where
        daily_activity.activity_type = 'purchase'
        and daily_activity.activity_on > {{ days_before(365, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by profile_records.profile_number

),

order_totals as (

    select
        profile_records.profile_number,
        sum(daily_activity.activity_count) as order_count,
        sum(daily_activity.discounted_count) as discounted_order_count,
        sum(daily_activity.coupon_count) as coupon_order_count,
        sum(daily_activity.sales_amount) as sales_amount,
        sum(daily_activity.discount_amount) as discount_amount
    from daily_activity
    inner join profile_records on daily_activity.record_number = profile_records.record_number
    where
        daily_activity.activity_type = 'order'
        and daily_activity.activity_on > {{ days_before(365, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by profile_records.profile_number

),

-- Who redeems an offer has received it, though nobody knows how: by post most of them. A click answers a mail
-- that came before it.
profile_offers as (

    select
        profile_records.profile_number,
        interactions.offer_id,
        min(case when interactions.interaction_type = 'email_sent' then interactions.occurred_at end)
            as first_sent_at,
        max(case when interactions.interaction_type = 'email_clicked' then interactions.occurred_at end)
            as last_clicked_at,
        max(case when interactions.interaction_type = 'redemption' then 1 else 0 end) = 1 as is_redeemed
    from interactions
    inner join profile_records on interactions.record_id = profile_records.record_id
    where
        interactions.interaction_type in ('email_sent', 'email_clicked', 'redemption')
        and interactions.offer_id is not null
        and interactions.occurred_on > {{ days_before(365, as_of_date()) }}
        and interactions.occurred_on <= {{ as_of_date() }}
    group by profile_records.profile_number, interactions.offer_id

),

offer_totals as (

    select
        profile_number,
        count(case when is_redeemed or first_sent_at is not null then 1 end) as received_count,
        count(case when is_redeemed or last_clicked_at >= first_sent_at then 1 end) as answered_count,
        count(case when is_redeemed then 1 end) as redeemed_count
    from profile_offers
    group by profile_number

),

profile_numbers as (

    select distinct profile_id, profile_number
    from profile_records

),

prices as (

    select
        described_profiles.profile_id,
        coalesce(order_totals.discount_amount, 0) as discount_amount,
        coalesce(order_totals.discounted_order_count, 0) as discounted_order_count,
        coalesce(order_totals.coupon_order_count, 0) as coupon_order_count,
        {{ share_of(
            'order_totals.discount_amount', 'order_totals.sales_amount + order_totals.discount_amount'
        ) }} as discount_share,
        {{ share_of('purchase_totals.discounted_sales_amount', 'purchase_totals.sales_amount') }}
            as discounted_sales_share,
        {{ share_of('order_totals.discounted_order_count', 'order_totals.order_count') }}
            as discounted_order_share,
        {{ share_of('purchase_totals.coupon_sales_amount', 'purchase_totals.sales_amount') }}
            as coupon_sales_share,
        {{ share_of('order_totals.coupon_order_count', 'order_totals.order_count') }} as coupon_order_share,
        {{ share_of('purchase_totals.priced_sales_amount', 'purchase_totals.usual_sales_amount') }}
            as relative_price,
        {{ share_of('purchase_totals.level_by_sales', 'purchase_totals.levelled_sales_amount') }}
            as price_level,
        coalesce(offer_totals.received_count, 0) as received_count,
        coalesce(offer_totals.answered_count, 0) as answered_count,
        coalesce(offer_totals.redeemed_count, 0) as redeemed_count,
        described_profiles.as_of
    from described_profiles
    left join profile_numbers on described_profiles.profile_id = profile_numbers.profile_id
    left join order_totals on profile_numbers.profile_number = order_totals.profile_number
    left join purchase_totals on profile_numbers.profile_number = purchase_totals.profile_number
    left join offer_totals on profile_numbers.profile_number = offer_totals.profile_number

),

ranked_prices as (

    select
        *,
        {{ percentile_rank('discounted_sales_share') }} as discount_rank,
        {{ percentile_rank('coupon_order_share') }} as coupon_rank,
        {{ percentile_rank('relative_price', 'desc') }} as price_rank
    from prices

),

sensitivities as (

    select
        *,
        (coalesce(discount_rank, 0) + coalesce(coupon_rank, 0) + coalesce(price_rank, 0))
        / nullif(
            case when discount_rank is not null then 1 else 0 end
            + case when coupon_rank is not null then 1 else 0 end
            + case when price_rank is not null then 1 else 0 end,
            0
        ) as sensitivity
    from ranked_prices

)

select
    profile_id,
    cast(discount_amount as decimal(18, 2)) as discount_amount_365d,
    discount_share as discount_share_365d,
    discounted_sales_share as discounted_sales_share_365d,
    cast(discounted_order_count as bigint) as discounted_order_count_365d,
    discounted_order_share as discounted_order_share_365d,
    cast(coupon_order_count as bigint) as coupon_order_count_365d,
    coupon_order_share as coupon_order_share_365d,
    coupon_sales_share as coupon_sales_share_365d,
    relative_price as relative_price_365d,
    price_level as price_level_365d,
    case
        when price_level < 1.0 / 3 then 'low'
        when price_level < 2.0 / 3 then 'middle'
        when price_level is not null then 'high'
    end as price_tier_365d,
    cast(sensitivity as double) as price_sensitivity_score,
    {{ score('sensitivity', bins=10) }} as price_sensitivity_decile,
    cast(received_count as bigint) as promotion_received_count_365d,
    cast(answered_count as bigint) as promotion_answered_count_365d,
    cast(redeemed_count as bigint) as promotion_redeemed_count_365d,
    {{ share_of('answered_count', 'received_count') }} as promotion_answer_rate_365d,
    {{ share_of('redeemed_count', 'received_count') }} as promotion_redemption_rate_365d,
    as_of
from sensitivities
