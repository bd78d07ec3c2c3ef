-- Grain: profile_id, as_of. How a person answers and behaves: visits, carts, e-mails, service.
-- Leaves out purchases, but for the order that tells a full cart from an abandoned one.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

orders as (

    select * from {{ ref('orders') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

described_profiles as (

    select
        profile_id,
        {{ as_of_date() }} as as_of
    from profiles
    where first_seen_on <= {{ as_of_date() }}

),

profile_interactions as (

    select
        described_profiles.profile_id,
        described_profiles.as_of,
        interactions.interaction_type,
        interactions.occurred_at,
        interactions.occurred_on,
        interactions.duration_seconds
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join interactions on identity_map.record_id = interactions.record_id
    where
        interactions.occurred_on <= {{ as_of_date() }}
        and interactions.interaction_type in (
            'session', 'page_view', 'product_view', 'add_to_cart', 'wish_list', 'email_sent',
            'email_opened', 'email_clicked', 'ticket'
        )

),

interaction_totals as (

    select
        profile_id,
        max(case when interaction_type = 'session' then occurred_on end) as last_session_on,
        {{ count_within(30, "interaction_type = 'session'") }} as session_count_30d,
        sum(
            case
                when interaction_type = 'session' and occurred_on > {{ days_before(30) }}
                    then duration_seconds
                else 0
            end
        ) as session_seconds_30d,
        {{ count_within(30, "interaction_type = 'page_view'") }} as page_view_count_30d,
        {{ count_within(30, "interaction_type = 'product_view'") }} as product_view_count_30d,
        {{ count_within(30, "interaction_type = 'add_to_cart'") }} as cart_addition_count_30d,
        {{ count_within(30, "interaction_type = 'wish_list'") }} as wish_list_count_30d,
        {{ count_within(90, "interaction_type = 'email_sent'") }} as email_sent_count_90d,
        {{ count_within(90, "interaction_type = 'email_opened'") }} as email_opened_count_90d,
        {{ count_within(90, "interaction_type = 'email_clicked'") }} as email_clicked_count_90d,
        {{ count_within(365, "interaction_type = 'ticket'") }} as ticket_count_365d,
        max(
            case
                when interaction_type = 'add_to_cart' and occurred_on > {{ days_before(7) }}
                    then occurred_at
            end
        ) as last_cart_addition_at
    from profile_interactions
    group by profile_id

),

last_orders as (

    select
        described_profiles.profile_id,
        max(orders.ordered_at) as last_order_at
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join orders on identity_map.record_id = orders.record_id
    where orders.ordered_on <= {{ as_of_date() }}
    group by described_profiles.profile_id

)

select
    described_profiles.profile_id,
    {{ dbt.datediff('interaction_totals.last_session_on', 'described_profiles.as_of', 'day') }}
        as days_since_last_session,
    coalesce(interaction_totals.session_count_30d, 0) as session_count_30d,
    cast(coalesce(interaction_totals.session_seconds_30d, 0) as bigint) as session_seconds_30d,
    coalesce(interaction_totals.page_view_count_30d, 0) as page_view_count_30d,
    coalesce(interaction_totals.product_view_count_30d, 0) as product_view_count_30d,
    coalesce(interaction_totals.cart_addition_count_30d, 0) as cart_addition_count_30d,
    coalesce(interaction_totals.wish_list_count_30d, 0) as wish_list_count_30d,
    coalesce(
        interaction_totals.last_cart_addition_at is not null
        and (
            last_orders.last_order_at is null
            or last_orders.last_order_at < interaction_totals.last_cart_addition_at
        ),
        false
    ) as has_abandoned_cart,
    coalesce(interaction_totals.email_sent_count_90d, 0) as email_sent_count_90d,
    coalesce(interaction_totals.email_opened_count_90d, 0) as email_opened_count_90d,
    coalesce(interaction_totals.email_clicked_count_90d, 0) as email_clicked_count_90d,
    coalesce(interaction_totals.ticket_count_365d, 0) as ticket_count_365d,
    described_profiles.as_of
from described_profiles
left join interaction_totals on described_profiles.profile_id = interaction_totals.profile_id
left join last_orders on described_profiles.profile_id = last_orders.profile_id
