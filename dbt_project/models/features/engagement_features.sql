-- Grain: profile_id, as_of. How a person answers and behaves: visits, carts, e-mails, service.
-- A cart is abandoned where of a product more was added than removed in the last seven days, since the
-- last order or checkout. Leaves out purchases, but for the order that tells a cart was bought.
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

    {{ described_profiles() }}

),

profile_interactions as (

    select
        described_profiles.profile_id,
        described_profiles.as_of,
        interactions.interaction_type,
        interactions.product_id,
        interactions.occurred_at,
        interactions.occurred_on,
        interactions.duration_seconds
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join interactions on identity_map.record_id = interactions.record_id
    where
        interactions.occurred_on <= {{ as_of_date() }}
        and interactions.interaction_type in (
            'session', 'page_view', 'product_view', 'add_to_cart', 'remove_from_cart', 'checkout',
            'wish_list', 'email_sent', 'email_opened', 'email_clicked', 'ticket'
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
        {{ count_within(365, "interaction_type = 'ticket'") }} as ticket_count_365d
    from profile_interactions
    group by profile_id

),

cart_closings as (

    select
        profile_id,
        occurred_at as closed_at
    from profile_interactions
    where interaction_type = 'checkout'
    union all
    select
        described_profiles.profile_id,
        orders.ordered_at as closed_at
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id
    inner join orders on identity_map.record_id = orders.record_id
    where orders.ordered_on <= {{ as_of_date() }}

),

last_closings as (

    select
        profile_id,
        max(closed_at) as closed_at
    from cart_closings
    group by profile_id

),

-- By product, so that removing what was added before the window offsets nothing else.
products_in_carts as (

    select
        profile_interactions.profile_id,
        profile_interactions.product_id
    from profile_interactions
    left join last_closings on profile_interactions.profile_id = last_closings.profile_id
    where
        profile_interactions.interaction_type in ('add_to_cart', 'remove_from_cart')
        and profile_interactions.occurred_on > {{ days_before(7, 'profile_interactions.as_of') }}
        and (
            last_closings.closed_at is null
            or profile_interactions.occurred_at > last_closings.closed_at
        )
    group by profile_interactions.profile_id, profile_interactions.product_id
    having
        sum(case profile_interactions.interaction_type when 'add_to_cart' then 1 else -1 end) > 0

),

abandoned_carts as (

    select distinct profile_id
    from products_in_carts

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
    abandoned_carts.profile_id is not null as has_abandoned_cart,
    coalesce(interaction_totals.email_sent_count_90d, 0) as email_sent_count_90d,
    coalesce(interaction_totals.email_opened_count_90d, 0) as email_opened_count_90d,
    coalesce(interaction_totals.email_clicked_count_90d, 0) as email_clicked_count_90d,
    coalesce(interaction_totals.ticket_count_365d, 0) as ticket_count_365d,
    described_profiles.as_of
from described_profiles
left join interaction_totals on described_profiles.profile_id = interaction_totals.profile_id
left join abandoned_carts on described_profiles.profile_id = abandoned_carts.profile_id
