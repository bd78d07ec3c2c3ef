-- Grain: profile_id, as_of. All features of a person on a day, side by side: what segments read.
-- Everybody who had been seen by the day is in it. Leaves out whatever would name a person.
with demographic_features as (

    select * from {{ ref('demographic_features') }}

),

purchase_features as (

    select * from {{ ref('purchase_features') }}

),

engagement_features as (

    select * from {{ ref('engagement_features') }}

),

activity_features as (

    select * from {{ ref('activity_features') }}

),

loyalty_features as (

    select * from {{ ref('loyalty_features') }}

)

select
    demographic_features.profile_id,
    demographic_features.days_since_first_seen,
    demographic_features.age_years,
    demographic_features.gender,
    demographic_features.city,
    demographic_features.country,
    demographic_features.income_band,
    demographic_features.household_size,
    demographic_features.home_ownership,
    demographic_features.marital_status,
    demographic_features.kids_count,
    purchase_features.first_order_on,
    purchase_features.last_order_on,
    purchase_features.days_since_last_order,
    purchase_features.order_count,
    purchase_features.order_count_30d,
    purchase_features.order_count_90d,
    purchase_features.order_count_365d,
    purchase_features.coupon_order_count_365d,
    purchase_features.sales_amount,
    purchase_features.sales_amount_30d,
    purchase_features.sales_amount_90d,
    purchase_features.sales_amount_365d,
    purchase_features.discount_amount_365d,
    purchase_features.average_order_value,
    purchase_features.average_days_between_orders,
    purchase_features.discount_share_365d,
    purchase_features.coupon_order_share_365d,
    purchase_features.online_order_share_365d,
    purchase_features.recency_score,
    purchase_features.frequency_score,
    purchase_features.monetary_score,
    engagement_features.days_since_last_session,
    engagement_features.session_count_30d,
    engagement_features.session_seconds_30d,
    engagement_features.page_view_count_30d,
    engagement_features.product_view_count_30d,
    engagement_features.cart_addition_count_30d,
    engagement_features.wish_list_count_30d,
    engagement_features.has_abandoned_cart,
    engagement_features.email_sent_count_90d,
    engagement_features.email_opened_count_90d,
    engagement_features.email_clicked_count_90d,
    engagement_features.ticket_count_365d,
    activity_features.first_workout_on,
    activity_features.last_workout_on,
    activity_features.workout_count,
    activity_features.workout_count_28d,
    activity_features.workout_minutes_28d,
    activity_features.workouts_per_week,
    loyalty_features.is_loyalty_member,
    loyalty_features.loyalty_tier,
    loyalty_features.membership_days,
    loyalty_features.points_balance,
    loyalty_features.points_earned_365d,
    loyalty_features.points_spent_365d,
    loyalty_features.redemption_count_365d,
    demographic_features.as_of
from demographic_features
inner join purchase_features
    on
        demographic_features.profile_id = purchase_features.profile_id
        and demographic_features.as_of = purchase_features.as_of
inner join engagement_features
    on
        demographic_features.profile_id = engagement_features.profile_id
        and demographic_features.as_of = engagement_features.as_of
inner join activity_features
    on
        demographic_features.profile_id = activity_features.profile_id
        and demographic_features.as_of = activity_features.as_of
inner join loyalty_features
    on
        demographic_features.profile_id = loyalty_features.profile_id
        and demographic_features.as_of = loyalty_features.as_of
