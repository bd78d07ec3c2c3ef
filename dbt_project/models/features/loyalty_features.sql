-- Grain: profile_id, as_of. How a person takes part in the loyalty programme up to the end of the day.
-- A point is valid for so many days (variable loyalty_points_validity_days) and the oldest are spent first.
-- So of the points that were earned up to a day, as many are left as are more than all that were ever spent
-- or expired: no use has to be matched with what was earned.
-- Leaves out points past their validity that the programme has not taken back: they expire no more.
{%- set validity_days = var('loyalty_points_validity_days') | int %}
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

loyalty_tiers as (

    select * from {{ ref('loyalty_tiers') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

described_profiles as (

    {{ described_profiles(columns=['loyalty_id']) }}

),

described_records as (

    select
        described_profiles.profile_id,
        described_profiles.loyalty_id,
        identity_map.record_id,
        identity_map.record_number,
        described_profiles.as_of
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id

),

memberships as (

    select
        described_records.profile_id,
        min(cast(customer_records.first_seen_at as date)) as joined_on
    from described_records
    inner join customer_records on described_records.record_id = customer_records.record_id
    where
        customer_records.source = 'loyalty__members'
        and cast(customer_records.first_seen_at as date) <= {{ as_of_date() }}
    group by described_records.profile_id

),

-- Of several cards the one counts that the profile goes by.
ranked_tiers as (

    select
        described_records.profile_id,
        loyalty_tiers.tier,
        row_number() over (
            partition by described_records.profile_id
            order by
                case when loyalty_tiers.loyalty_id = described_records.loyalty_id then 0 else 1 end,
                loyalty_tiers.valid_from desc,
                loyalty_tiers.record_id
        ) as precedence
    from described_records
    inner join loyalty_tiers on described_records.record_id = loyalty_tiers.record_id
    where loyalty_tiers.valid_from_on <= {{ as_of_date() }}

),

bookings as (

    {{ activity_ever(['points_earned', 'points_spent', 'points_expired'], days=[365, validity_days] | max) }}

),

points as (

    select
        record_number,
        case when activity_type = 'points_earned' then quantity else 0 end as earned,
        case when activity_type = 'points_spent' then quantity else 0 end as spent,
        case when activity_type = 'points_expired' then quantity else 0 end as expired,
        activity_on
    from bookings

),

point_totals as (

    select
        described_records.profile_id,
        sum(points.earned) as points_earned,
        sum(points.spent) as points_spent,
        sum(points.spent + points.expired) as points_gone,
        {{ sum_within(365, 'points.earned') }} as points_earned_365d,
        {{ sum_within(365, 'points.spent') }} as points_spent_365d,
        {{ sum_within(365, 'points.expired') }} as points_expired_365d,
        {{ sum_within(validity_days, 'points.earned') }} as points_earned_within_validity,
        {{ sum_within(validity_days - 30, 'points.earned') }} as points_earned_to_stay_valid
    from described_records
    inner join points on described_records.record_number = points.record_number
    group by described_records.profile_id

),

points_left as (

    select
        *,
        -- What is left of the points that have expired by now, and of those that will have in 30 days.
        greatest(points_earned - points_earned_within_validity - points_gone, 0) as points_past_validity,
        greatest(points_earned - points_earned_to_stay_valid - points_gone, 0) as points_past_validity_in_30d
    from point_totals

),

redemptions as (

    select
        described_records.profile_id,
        sum(daily_activity.activity_count) as redemption_count
    from described_records
    inner join daily_activity on described_records.record_number = daily_activity.record_number
    where
        daily_activity.activity_type = 'redemption'
        and daily_activity.activity_on > {{ days_before(365, as_of_date()) }}
        and daily_activity.activity_on <= {{ as_of_date() }}
    group by described_records.profile_id

)

select
    described_profiles.profile_id,
    memberships.profile_id is not null as is_loyalty_member,
    case when memberships.profile_id is not null then ranked_tiers.tier end as loyalty_tier,
    {{ dbt.datediff('memberships.joined_on', 'described_profiles.as_of', 'day') }} as membership_days,
    cast(coalesce(points_left.points_earned - points_left.points_gone, 0) as bigint) as points_balance,
    cast(coalesce(points_left.points_past_validity_in_30d - points_left.points_past_validity, 0) as bigint)
        as points_expiring_within_30d,
    cast(coalesce(points_left.points_earned_365d, 0) as bigint) as points_earned_365d,
    cast(coalesce(points_left.points_spent_365d, 0) as bigint) as points_spent_365d,
    cast(coalesce(points_left.points_expired_365d, 0) as bigint) as points_expired_365d,
    case
        when points_left.points_spent >= points_left.points_earned and points_left.points_earned > 0 then 1
        else {{ share_of('points_left.points_spent', 'points_left.points_earned') }}
    end as points_redemption_rate,
    cast(coalesce(redemptions.redemption_count, 0) as bigint) as redemption_count_365d,
    described_profiles.as_of
from described_profiles
left join memberships on described_profiles.profile_id = memberships.profile_id
left join ranked_tiers
    on described_profiles.profile_id = ranked_tiers.profile_id and ranked_tiers.precedence = 1
left join points_left on described_profiles.profile_id = points_left.profile_id
left join redemptions on described_profiles.profile_id = redemptions.profile_id
