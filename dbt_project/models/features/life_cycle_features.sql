-- Grain: profile_id, as_of. Where a person stands with the retailer: before the first order the stage of the
-- funnel and a score, after it a stage by the person's own rhythm, which purchase_features has.
-- A pause counts in intervals: the days since the last order by the days that usually pass.
-- Leaves out what makes a customer leave, and how likely it is.
with identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

purchase_features as (

    select * from {{ ref('purchase_features') }}

),

lead_points as (

    select * from {{ ref('lead_points') }}

),

lead_records as (

    select
        identity_map.profile_id,
        identity_map.record_number
    from purchase_features
    inner join identity_map on purchase_features.profile_id = identity_map.profile_id
    where purchase_features.first_order_on is null

),

lead_activities as (

    select
        lead_records.profile_id,
        lead_points.funnel_stage,
        lead_points.funnel_rank,
        least(sum(daily_activity.activity_count) * lead_points.points, lead_points.most_points) as points
    from daily_activity
    inner join lead_records on daily_activity.record_number = lead_records.record_number
    inner join lead_points on daily_activity.activity_type = lead_points.activity_type
    where
        daily_activity.activity_on > {{ days_before(90, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by
        lead_records.profile_id,
        lead_points.activity_type,
        lead_points.funnel_stage,
        lead_points.funnel_rank,
        lead_points.points,
        lead_points.most_points

),

leads as (

    select
        profile_id,
        {{ value_at_most('funnel_stage', 'funnel_rank') }} as funnel_stage,
        least(sum(points), 100) as lead_score
    from lead_activities
    group by profile_id

),

pauses as (

    select
        profile_id,
        first_order_on,
        reactivated_on,
        days_since_last_order / cast({{ rhythm_days('expected_days_between_orders') }} as double)
            as pause_intervals,
        as_of
    from purchase_features

)

select
    pauses.profile_id,
    pauses.pause_intervals,
    case
        when pauses.first_order_on is null then 'lead'
        when pauses.first_order_on > {{ days_before(var('new_customer_days'), 'pauses.as_of') }} then 'new'
        when pauses.pause_intervals > {{ var('churned_after_intervals') }} then 'churned'
        when pauses.pause_intervals > {{ var('lapsed_after_intervals') }} then 'lapsed'
        when pauses.pause_intervals > {{ var('at_risk_after_intervals') }} then 'at_risk'
        when pauses.reactivated_on > {{ days_before(90, 'pauses.as_of') }} then 'won_back'
        else 'active'
    end as life_cycle_stage,
    case
        when pauses.first_order_on is not null then 'purchase' else coalesce(leads.funnel_stage, 'awareness')
    end as funnel_stage,
    case when pauses.first_order_on is null then cast(coalesce(leads.lead_score, 0) as integer) end
        as lead_score,
    pauses.as_of
from pauses
left join leads on pauses.profile_id = leads.profile_id
