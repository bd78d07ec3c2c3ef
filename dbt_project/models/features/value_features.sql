-- Grain: profile_id, as_of. What a person has been worth up to the end of the day, and may be worth after it,
-- by BG/NBD and Gamma-Gamma with the parameters of the seed customer_value_parameters. The formulas and their
-- literature stand in dagster_project/valuation/closed_forms.py; time is in weeks, orders are days with one.
-- Leaves out what it cost to win a person, and predictions for whoever has never ordered. Where nothing is
-- predicted, lifetime value is what has been, and says so.
with purchase_features as (

    select * from {{ ref('purchase_features') }}

),

customer_value_parameters as (

    select * from {{ ref('customer_value_parameters') }}

),

-- No row: this deployment does not predict, or too few customers stood behind the parameters.
trusted_parameters as (

    select
        r,
        alpha,
        a,
        b,
        p,
        q,
        v
    from customer_value_parameters
    where
        {{ 'true' if var('predicts_value') else 'false' }}
        and repeat_customer_count >= {{ var('least_repeat_customers') }}

),

-- Whoever bought nothing of known cost in a year is expected to bring in what everybody does.
everybodys_margins as (

    select
        as_of,
        cast(sum(contribution_margin_amount_365d) as double)
        / nullif(
            cast(sum(cast(sales_amount_365d * costed_sales_share_365d as decimal(18, 2))) as double), 0
        ) as margin_rate
    from purchase_features
    group by as_of

),

histories as (

    select
        purchase_features.profile_id,
        purchase_features.as_of,
        purchase_features.first_order_on,
        purchase_features.sales_amount,
        purchase_features.contribution_margin_amount,
        coalesce(purchase_features.contribution_margin_rate_365d, everybodys_margins.margin_rate)
            as margin_rate,
        cast(purchase_features.sales_amount - purchase_features.first_order_day_sales_amount as double)
            as repeat_sales_amount,
        case when purchase_features.order_day_count > 0 then purchase_features.order_day_count - 1 else 0 end
            as repeat_order_day_count,
        {{ dbt.datediff('purchase_features.first_order_on', 'purchase_features.last_order_on', 'day') }}
            as days_from_first_to_last_order,
        {{ dbt.datediff('purchase_features.first_order_on', 'purchase_features.as_of', 'day') }}
            as days_since_first_order
    from purchase_features
    inner join everybodys_margins on purchase_features.as_of = everybodys_margins.as_of

),

-- What is ahead of those who go on ordering depends on two numbers alone, which many people share.
rhythms as (

    select distinct
        repeat_order_day_count,
        days_since_first_order
    from histories
    where first_order_on is not null

),

orders_ahead as (

    select
        rhythms.repeat_order_day_count,
        rhythms.days_since_first_order,
        trusted_parameters.r,
        trusted_parameters.alpha,
        trusted_parameters.a,
        trusted_parameters.b,
        trusted_parameters.p,
        trusted_parameters.q,
        trusted_parameters.v,
        {{ expected_orders(
            'rhythms.repeat_order_day_count', 'rhythms.days_since_first_order / 7.0', '90 / 7.0'
        ) }} as order_count_90d,
        {{ expected_orders(
            'rhythms.repeat_order_day_count', 'rhythms.days_since_first_order / 7.0',
            var('value_horizon_days') ~ ' / 7.0'
        ) }} as order_count,
        {{ expected_orders(
            'rhythms.repeat_order_day_count', 'rhythms.days_since_first_order / 7.0',
            var('value_horizon_days') ~ ' / 7.0', var('yearly_discount_rate')
        ) }} as discounted_order_count
    from rhythms
    cross join trusted_parameters

),

-- Logarithms, since the powers of people with thousands of orders are beyond any number.
outlooks as (

    select
        histories.profile_id,
        histories.as_of,
        histories.first_order_on,
        histories.sales_amount,
        histories.contribution_margin_amount,
        histories.margin_rate,
        histories.repeat_order_day_count,
        histories.days_from_first_to_last_order,
        histories.days_since_first_order,
        orders_ahead.order_count_90d,
        orders_ahead.order_count,
        orders_ahead.discounted_order_count,
        orders_ahead.p * (orders_ahead.v + histories.repeat_sales_amount)
        / (orders_ahead.p * histories.repeat_order_day_count + orders_ahead.q - 1) as average_order_value,
        ln(orders_ahead.a / (orders_ahead.b + nullif(histories.repeat_order_day_count, 0) - 1))
        + (orders_ahead.r + histories.repeat_order_day_count)
        * ln(
            (orders_ahead.alpha + histories.days_since_first_order / 7.0)
            / (orders_ahead.alpha + histories.days_from_first_to_last_order / 7.0)
        ) as stopped_log_odds,
        -1 * (orders_ahead.r + histories.repeat_order_day_count)
        * ln(
            1
            + {{ var('churn_days') }} / 7.0
            / (orders_ahead.alpha + histories.days_since_first_order / 7.0)
        ) as silence_log_probability
    from histories
    left join orders_ahead
        on
            histories.repeat_order_day_count = orders_ahead.repeat_order_day_count
            and histories.days_since_first_order = orders_ahead.days_since_first_order

),

probabilities as (

    select
        profile_id,
        as_of,
        case
            when order_count is null then null
            when repeat_order_day_count = 0 then 1
            when stopped_log_odds > 700 then 0
            else 1 / (1 + exp(stopped_log_odds))
        end as alive_probability
    from outlooks

),

lifetime_values as (

    select
        outlooks.profile_id,
        outlooks.as_of,
        outlooks.first_order_on,
        outlooks.repeat_order_day_count,
        outlooks.days_from_first_to_last_order,
        outlooks.days_since_first_order,
        round(probabilities.alive_probability, 6) as alive_probability,
        round(
            1 - probabilities.alive_probability * (1 - exp(outlooks.silence_log_probability)), 6
        ) as churn_risk,
        round(probabilities.alive_probability * outlooks.order_count_90d, 6) as predicted_order_count_90d,
        round(probabilities.alive_probability * outlooks.order_count, 6) as predicted_order_count,
        round(outlooks.average_order_value, 2) as predicted_average_order_value,
        outlooks.sales_amount as historic_lifetime_value_amount,
        outlooks.contribution_margin_amount as historic_lifetime_margin_amount,
        cast(
            probabilities.alive_probability * outlooks.discounted_order_count * outlooks.average_order_value
            as decimal(18, 2)
        ) as predicted_lifetime_value_amount,
        cast(
            probabilities.alive_probability * outlooks.discounted_order_count * outlooks.average_order_value
            * outlooks.margin_rate
            as decimal(18, 2)
        ) as predicted_lifetime_margin_amount
    from outlooks
    inner join probabilities
        on
            outlooks.profile_id = probabilities.profile_id
            and outlooks.as_of = probabilities.as_of

),

-- Equal values are worth equally much, however many there are.
ranks as (

    select
        profile_id,
        as_of,
        percent_rank() over (
            partition by as_of
            order by historic_lifetime_value_amount + coalesce(predicted_lifetime_value_amount, 0)
        ) as share_worth_less
    from lifetime_values
    where first_order_on is not null

)

select
    lifetime_values.profile_id,
    cast(lifetime_values.repeat_order_day_count as bigint) as repeat_order_day_count,
    cast(lifetime_values.days_from_first_to_last_order as bigint) as days_from_first_to_last_order,
    cast(lifetime_values.days_since_first_order as bigint) as days_since_first_order,
    cast(lifetime_values.alive_probability as double) as alive_probability,
    lifetime_values.predicted_order_count_90d,
    lifetime_values.predicted_order_count,
    lifetime_values.predicted_average_order_value,
    lifetime_values.historic_lifetime_value_amount,
    lifetime_values.historic_lifetime_margin_amount,
    lifetime_values.predicted_lifetime_value_amount,
    lifetime_values.predicted_lifetime_margin_amount,
    cast(
        lifetime_values.historic_lifetime_value_amount
        + coalesce(lifetime_values.predicted_lifetime_value_amount, 0)
        as decimal(18, 2)
    ) as lifetime_value_amount,
    cast(
        lifetime_values.historic_lifetime_margin_amount
        + case
            when lifetime_values.predicted_lifetime_value_amount is null then 0
            else lifetime_values.predicted_lifetime_margin_amount
        end
        as decimal(18, 2)
    ) as lifetime_margin_amount,
    case
        when lifetime_values.predicted_lifetime_value_amount is null then 'historic'
        else 'predicted'
    end as lifetime_value_method,
    lifetime_values.churn_risk,
    case
        when lifetime_values.churn_risk < 0.25 then 'low'
        when lifetime_values.churn_risk < 0.75 then 'medium'
        when lifetime_values.churn_risk >= 0.75 then 'high'
    end as churn_risk_band,
    case
        when ranks.share_worth_less >= 0.9 then 'top'
        when ranks.share_worth_less >= 0.7 then 'high'
        when ranks.share_worth_less >= 0.3 then 'medium'
        when ranks.share_worth_less >= 0 then 'low'
    end as value_tier,
    lifetime_values.as_of
from lifetime_values
left join ranks
    on
        lifetime_values.profile_id = ranks.profile_id
        and lifetime_values.as_of = ranks.as_of
