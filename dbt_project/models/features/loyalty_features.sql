-- Grain: profile_id, as_of. How a person takes part in the loyalty programme up to the end of the day.
-- Leaves out past tiers, which no source keeps: the tier is today's, for members of that day.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

described_profiles as (

    {{ described_profiles(columns=['loyalty_tier']) }}

),

memberships as (

    select
        identity_map.profile_id,
        min(cast(customer_records.first_seen_at as date)) as joined_on
    from identity_map
    inner join customer_records on identity_map.record_id = customer_records.record_id
    where
        customer_records.source = 'loyalty__members'
        and cast(customer_records.first_seen_at as date) <= {{ as_of_date() }}
    group by identity_map.profile_id

),

point_totals as (

    select
        described_profiles.profile_id,
        sum(case interactions.interaction_type
            when 'points_earned' then interactions.quantity
            when 'points_spent' then -1 * interactions.quantity
            when 'points_expired' then -1 * interactions.quantity
        end) as points_balance,
        sum(
            case
                when
                    interactions.interaction_type = 'points_earned'
                    and interactions.occurred_on > {{ days_before(365) }}
                    then interactions.quantity
            end
        ) as points_earned_365d,
        sum(
            case
                when
                    interactions.interaction_type in ('points_spent', 'points_expired')
                    and interactions.occurred_on > {{ days_before(365) }}
                    then interactions.quantity
            end
        ) as points_spent_365d,
        count(
            case
                when
                    interactions.interaction_type = 'redemption'
                    and interactions.occurred_on > {{ days_before(365) }}
                    then 1
            end
        ) as redemption_count_365d
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join interactions on identity_map.record_id = interactions.record_id
    where
        interactions.interaction_type in ('points_earned', 'points_spent', 'points_expired', 'redemption')
        and interactions.occurred_on <= {{ as_of_date() }}
    group by described_profiles.profile_id

)

select
    described_profiles.profile_id,
    memberships.profile_id is not null as is_loyalty_member,
    case when memberships.profile_id is not null then described_profiles.loyalty_tier end as loyalty_tier,
    {{ dbt.datediff('memberships.joined_on', 'described_profiles.as_of', 'day') }} as membership_days,
    cast(coalesce(point_totals.points_balance, 0) as bigint) as points_balance,
    cast(coalesce(point_totals.points_earned_365d, 0) as bigint) as points_earned_365d,
    cast(coalesce(point_totals.points_spent_365d, 0) as bigint) as points_spent_365d,
    coalesce(point_totals.redemption_count_365d, 0) as redemption_count_365d,
    described_profiles.as_of
from described_profiles
left join memberships on described_profiles.profile_id = memberships.profile_id
left join point_totals on described_profiles.profile_id = point_totals.profile_id
