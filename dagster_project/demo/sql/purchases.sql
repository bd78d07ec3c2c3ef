-- The real purchases, coupon redemptions and campaigns, moved to the demo's calendar.
-- Only whole weeks are added, so weekdays stay. Nothing is invented here.
-- The views real_transactions, real_products, real_demographics, real_campaigns,
-- real_campaign_descriptions and real_coupon_redemptions are made in Python: they name files.

create table shifted_baskets as
with baskets as (
    select
        basket_id,
        any_value(household_id) as real_household_id,
        any_value(store_id) as store_id,
        any_value(transaction_timestamp) + to_days(shift_days()) as purchased_at,
        sum(sales_value::decimal(12, 2))::decimal(12, 2) as sales_amount
    from real_transactions
    group by basket_id
)

select
    *,
    row_number() over (order by purchased_at, basket_id) as basket_number
from baskets;

create table shifted_campaigns as
select
    campaign_id::varchar as campaign_id,
    campaign_type,
    'Campaign ' || campaign_id || ' (' || campaign_type || ')' as name,
    start_date::date + shift_days() as starts_on,
    end_date::date + shift_days() as ends_on
from real_campaign_descriptions;

create table shifted_redemptions as
select
    row_number() over (
        order by redemption_date, household_id, coupon_upc, campaign_id
    ) as redemption_number,
    household_id as real_household_id,
    coupon_upc::varchar as coupon_id,
    campaign_id::varchar as campaign_id,
    redemption_date::date + shift_days() as redeemed_on
from real_coupon_redemptions;
