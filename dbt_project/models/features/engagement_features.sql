-- Grain: profile_id, as_of. How a person answers and behaves: visits, carts, e-mails, reviews, surveys,
-- service. A cart is abandoned where of a product more was added than removed in the last seven days, since
-- the last order or checkout. A browse is abandoned where products were viewed in the last seven days, and
-- none of them was put into a cart or bought since. Preferred is what most days, or contacts, of the last 90
-- days speak for; of equals the latest.
-- Leaves out purchases, but for what tells that something was bought, and where.
{%- set score_days = var('interaction_score_days') | int %}
{%- set complaint_topics = "'" ~ var('complaint_topics') | join("', '") ~ "'" %}
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

daily_activity as (

    select * from {{ ref('daily_activity') }}

),

orders as (

    select * from {{ ref('orders') }}

),

interactions as (

    select * from {{ ref('interactions') }}

),

survey_answers as (

    select * from {{ ref('survey_answers') }}

),

tickets as (

    select * from {{ ref('tickets') }}

),

interaction_weights as (

    select * from {{ ref('interaction_weights') }}

),

described_profiles as (

    {{ described_profiles() }}

),

described_records as (

    select
        described_profiles.profile_id,
        identity_map.record_id,
        identity_map.record_number,
        described_profiles.as_of
    from described_profiles
    inner join identity_map on described_profiles.profile_id = identity_map.profile_id

),

-- Opened mails among them: both tell that a person came by.
visits as (

    {{ activity_ever(['session', 'email_opened'], days=1) }}

),

last_contacts as (

    select
        described_records.profile_id,
        cast(max(case visits.activity_type when 'session' then visits.last_at end) as date)
            as last_session_on,
        cast(max(case visits.activity_type when 'email_opened' then visits.last_at end) as date)
            as last_email_opened_on
    from described_records
    inner join visits on described_records.record_number = visits.record_number
    group by described_records.profile_id

),

-- By record, which is a number, before there are people.
activity_by_type as (

    select
        record_number,
        activity_type,
        {{ sum_within(30, 'activity_count') }} as count_30d,
        {{ sum_within(90, 'activity_count') }} as count_90d,
        {{ sum_within(365, 'activity_count') }} as count_365d,
        {{ sum_within(score_days, 'activity_count') }} as scored_count,
        {{ sum_within(30, 'duration_seconds') }} as seconds_30d,
        {{ sum_within(365, 'score_total') }} as score_total_365d
    from daily_activity
    where
        activity_on <= {{ as_of_date() }}
        and activity_on > {{ days_before([365, score_days] | max, as_of_date()) }}
        and activity_type not in ('order', 'purchase', 'return')
    group by record_number, activity_type

),

activity_totals as (

    select
        described_records.profile_id,
        {%- for name, activity_type, windows in [
            ('session', 'session', [30, 90]),
            ('page_view', 'page_view', [30]),
            ('product_view', 'product_view', [30]),
            ('cart_addition', 'add_to_cart', [30]),
            ('wish_list', 'wish_list', [30, 365]),
            ('review', 'review', [365]),
            ('social_share', 'social_share', [365]),
        ] %}
        {%- for days in windows %}
        sum(case typed.activity_type when '{{ activity_type }}' then typed.count_{{ days }}d else 0 end)
            as {{ name }}_count_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        sum(case typed.activity_type when 'session' then typed.seconds_30d else 0 end) as session_seconds_30d,
        sum(case typed.activity_type when 'review' then typed.score_total_365d else 0 end)
            as review_stars_365d,
        sum(typed.scored_count * coalesce(interaction_weights.weight, 0)) as interaction_score
    from described_records
    inner join activity_by_type as typed on described_records.record_number = typed.record_number
    left join interaction_weights on typed.activity_type = interaction_weights.interaction_type
    group by described_records.profile_id

),

-- A mail is what a record was sent for one campaign: an opening or click that names none stands for a mail of
-- its own.
mails as (

    select
        described_records.profile_id,
        max(case interactions.interaction_type when 'email_sent' then 1 else 0 end) as is_sent,
        max(case interactions.interaction_type when 'email_opened' then 1 else 0 end) as is_opened,
        max(case interactions.interaction_type when 'email_clicked' then 1 else 0 end) as is_clicked
    from described_records
    inner join interactions on described_records.record_id = interactions.record_id
    where
        interactions.interaction_type in ('email_sent', 'email_opened', 'email_clicked')
        and interactions.occurred_on <= {{ as_of_date() }}
        and interactions.occurred_on > {{ days_before(90, as_of_date()) }}
    group by
        described_records.profile_id,
        described_records.record_id,
        coalesce(interactions.offer_id, interactions.interaction_id)

),

mail_totals as (

    select
        profile_id,
        sum(is_sent) as sent_count,
        sum(is_opened) as opened_count,
        sum(is_clicked) as clicked_count,
        sum(is_sent * is_opened) as sent_and_opened_count,
        sum(is_opened * is_clicked) as opened_and_clicked_count
    from mails
    group by profile_id

),

engaged_days as (

    select distinct
        described_records.profile_id,
        daily_activity.activity_on
    from described_records
    inner join daily_activity on described_records.record_number = daily_activity.record_number
    inner join interaction_weights on daily_activity.activity_type = interaction_weights.interaction_type
    where
        daily_activity.activity_on <= {{ as_of_date() }}
        and daily_activity.activity_on > {{ days_before(90, as_of_date()) }}

),

engaged_day_totals as (

    select
        profile_id,
        count(*) as engaged_day_count
    from engaged_days
    group by profile_id

),

-- What became of the products that a person looked at or put into a cart.
considered_products as (

    select
        described_records.profile_id,
        daily_activity.product_id,
        min(
            case
                when
                    daily_activity.activity_type = 'product_view'
                    and daily_activity.activity_on > {{ days_before(7, as_of_date()) }}
                    then daily_activity.first_at
            end
        ) as first_viewed_at,
        max(case daily_activity.activity_type when 'add_to_cart' then daily_activity.last_at end)
            as last_carted_at,
        max(case daily_activity.activity_type when 'purchase' then daily_activity.last_at end)
            as last_bought_at
    from described_records
    inner join daily_activity on described_records.record_number = daily_activity.record_number
    where
        daily_activity.activity_on <= {{ as_of_date() }}
        and daily_activity.activity_on > {{ days_before(30, as_of_date()) }}
        and daily_activity.activity_type in ('product_view', 'add_to_cart', 'purchase')
        and daily_activity.product_id is not null
    group by described_records.profile_id, daily_activity.product_id

),

product_totals as (

    select
        profile_id,
        count(case when last_bought_at is null or last_bought_at < last_carted_at then last_carted_at end)
            as unbought_cart_product_count,
        count(first_viewed_at) as viewed_product_count,
        count(case when last_carted_at >= first_viewed_at or last_bought_at >= first_viewed_at then 1 end)
            as pursued_product_count
    from considered_products
    group by profile_id

),

cart_steps as (

    select
        described_records.profile_id,
        interactions.interaction_type,
        interactions.product_id,
        interactions.occurred_at
    from described_records
    inner join interactions on described_records.record_id = interactions.record_id
    where
        interactions.interaction_type in ('add_to_cart', 'remove_from_cart', 'checkout')
        and interactions.occurred_on <= {{ as_of_date() }}
        and interactions.occurred_on > {{ days_before(7, as_of_date()) }}

),

-- An order or checkout before these days closes no cart of theirs.
cart_closings as (

    select
        profile_id,
        occurred_at as closed_at
    from cart_steps
    where interaction_type = 'checkout'
    union all
    select
        described_records.profile_id,
        orders.ordered_at as closed_at
    from described_records
    inner join orders on described_records.record_id = orders.record_id
    where
        orders.ordered_on <= {{ as_of_date() }}
        and orders.ordered_on > {{ days_before(7, as_of_date()) }}

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
        cart_steps.profile_id,
        cart_steps.product_id
    from cart_steps
    left join last_closings on cart_steps.profile_id = last_closings.profile_id
    where
        cart_steps.interaction_type in ('add_to_cart', 'remove_from_cart')
        and (
            last_closings.closed_at is null
            or cart_steps.occurred_at > last_closings.closed_at
        )
    group by cart_steps.profile_id, cart_steps.product_id
    having
        sum(case cart_steps.interaction_type when 'add_to_cart' then 1 else -1 end) > 0

),

abandoned_carts as (

    select distinct profile_id
    from products_in_carts

),

-- Visits, opened mails and clicks, which tell when a person can be reached, and orders, which tell where too.
contacts as (

    select
        described_records.profile_id,
        interactions.interaction_type,
        interactions.platform,
        case when interactions.interaction_type = 'session' then interactions.platform else 'email' end
            as channel,
        interactions.occurred_at
    from described_records
    inner join interactions on described_records.record_id = interactions.record_id
    where
        interactions.interaction_type in ('session', 'email_opened', 'email_clicked')
        and interactions.occurred_on <= {{ as_of_date() }}
        and interactions.occurred_on > {{ days_before(90, as_of_date()) }}
    union all
    select
        described_records.profile_id,
        'order' as interaction_type,
        null as platform,
        orders.channel,
        orders.ordered_at as occurred_at
    from described_records
    inner join orders on described_records.record_id = orders.record_id
    where
        orders.ordered_on <= {{ as_of_date() }}
        and orders.ordered_on > {{ days_before(90, as_of_date()) }}

),

preferred_channels as (

    select
        profile_id,
        channel,
        row_number() over (
            partition by profile_id
            order by count(distinct cast(occurred_at as date)) desc, max(occurred_at) desc, channel
        ) as preference
    from contacts
    where channel is not null
    group by profile_id, channel

),

-- On the clocks of the shops.
local_contacts as (

    select
        profile_id,
        {{ dbt.dateadd('hour', var('hours_from_utc') | int, 'occurred_at') }} as occurred_at
    from contacts
    where interaction_type != 'order'

),

contact_times as (

    select
        profile_id,
        {{ weekday_name('occurred_at') }} as weekday,
        {{ part_of_day('occurred_at') }} as part_of_day,
        occurred_at
    from local_contacts

),

preferred_weekdays as (

    select
        profile_id,
        weekday,
        row_number() over (
            partition by profile_id
            order by count(*) desc, max(occurred_at) desc
        ) as preference
    from contact_times
    group by profile_id, weekday

),

preferred_parts_of_day as (

    select
        profile_id,
        part_of_day,
        row_number() over (
            partition by profile_id
            order by count(*) desc, max(occurred_at) desc
        ) as preference
    from contact_times
    group by profile_id, part_of_day

),

platform_totals as (

    select
        profile_id,
        count(case when platform = 'app' then 1 end) as app_session_count,
        count(platform) as session_count
    from contacts
    where interaction_type = 'session'
    group by profile_id

),

recommendations as (

    select
        described_records.profile_id,
        survey_answers.score,
        survey_answers.answered_on,
        row_number() over (
            partition by described_records.profile_id
            order by survey_answers.answered_at desc, survey_answers.answer_id desc
        ) as recency
    from described_records
    inner join survey_answers on described_records.record_id = survey_answers.record_id
    where
        survey_answers.question = 'nps'
        and survey_answers.score between 0 and 10
        and survey_answers.answered_on <= {{ as_of_date() }}

),

ticket_facts as (

    select
        described_records.profile_id,
        tickets.topic in ({{ complaint_topics }}) as is_complaint,
        tickets.created_on > {{ days_before(365, as_of_date()) }} as is_of_the_year,
        tickets.solved_on is null or tickets.solved_on > {{ as_of_date() }} as is_open,
        case
            when
                tickets.solved_on <= {{ as_of_date() }}
                and tickets.solved_on > {{ days_before(365, as_of_date()) }}
                then
                    {{ dbt.datediff('tickets.created_at', 'tickets.solved_at', 'second') }}
                    / cast(3600 as double)
        end as hours_to_resolution
    from described_records
    inner join tickets on described_records.record_id = tickets.record_id
    where tickets.created_on <= {{ as_of_date() }}

),

ticket_totals as (

    select
        profile_id,
        count(case when is_of_the_year then 1 end) as ticket_count_365d,
        count(case when is_open then 1 end) as open_ticket_count,
        count(case when is_of_the_year and is_complaint then 1 end) as complaint_count_365d,
        count(case when is_open and is_complaint then 1 end) as open_complaint_count,
        {{ median_of('hours_to_resolution') }} as median_hours_to_resolution_365d
    from ticket_facts
    group by profile_id

)

select
    described_profiles.profile_id,
    {{ dbt.datediff('last_contacts.last_session_on', 'described_profiles.as_of', 'day') }}
        as days_since_last_session,
    cast(coalesce(activity_totals.session_count_30d, 0) as bigint) as session_count_30d,
    cast(coalesce(activity_totals.session_count_90d, 0) as bigint) as session_count_90d,
    cast(coalesce(activity_totals.session_seconds_30d, 0) as bigint) as session_seconds_30d,
    {{ share_of('activity_totals.session_seconds_30d', 'activity_totals.session_count_30d') }}
        as average_session_seconds_30d,
    {{ share_of('platform_totals.app_session_count', 'platform_totals.session_count') }}
        as app_session_share_90d,
    cast(coalesce(activity_totals.page_view_count_30d, 0) as bigint) as page_view_count_30d,
    cast(coalesce(activity_totals.product_view_count_30d, 0) as bigint) as product_view_count_30d,
    cast(coalesce(activity_totals.cart_addition_count_30d, 0) as bigint) as cart_addition_count_30d,
    coalesce(product_totals.unbought_cart_product_count, 0) as unbought_cart_product_count_30d,
    cast(coalesce(activity_totals.wish_list_count_30d, 0) as bigint) as wish_list_count_30d,
    cast(coalesce(activity_totals.wish_list_count_365d, 0) as bigint) as wish_list_count_365d,
    abandoned_carts.profile_id is not null as has_abandoned_cart,
    coalesce(product_totals.viewed_product_count, 0) > 0 and product_totals.pursued_product_count = 0
        as has_abandoned_browse,
    {{ dbt.datediff('last_contacts.last_email_opened_on', 'described_profiles.as_of', 'day') }}
        as days_since_last_email_opened,
    cast(coalesce(mail_totals.sent_count, 0) as bigint) as email_sent_count_90d,
    cast(coalesce(mail_totals.opened_count, 0) as bigint) as email_opened_count_90d,
    cast(coalesce(mail_totals.clicked_count, 0) as bigint) as email_clicked_count_90d,
    {{ share_of('mail_totals.sent_and_opened_count', 'mail_totals.sent_count') }} as email_open_rate_90d,
    {{ share_of('mail_totals.opened_and_clicked_count', 'mail_totals.opened_count') }}
        as email_click_to_open_rate_90d,
    cast(coalesce(activity_totals.review_count_365d, 0) as bigint) as review_count_365d,
    {{ share_of('activity_totals.review_stars_365d', 'activity_totals.review_count_365d') }}
        as average_review_score_365d,
    cast(coalesce(activity_totals.social_share_count_365d, 0) as bigint) as social_share_count_365d,
    cast(recommendations.score as bigint) as nps_score,
    case
        when recommendations.score >= 9 then 'promoter'
        when recommendations.score >= 7 then 'passive'
        when recommendations.score >= 0 then 'detractor'
    end as nps_group,
    {{ dbt.datediff('recommendations.answered_on', 'described_profiles.as_of', 'day') }}
        as days_since_nps_answer,
    coalesce(ticket_totals.ticket_count_365d, 0) as ticket_count_365d,
    coalesce(ticket_totals.open_ticket_count, 0) as open_ticket_count,
    coalesce(ticket_totals.complaint_count_365d, 0) as complaint_count_365d,
    coalesce(ticket_totals.open_complaint_count, 0) as open_complaint_count,
    ticket_totals.median_hours_to_resolution_365d,
    cast(coalesce(activity_totals.interaction_score, 0) as bigint) as interaction_score,
    coalesce(engaged_day_totals.engaged_day_count, 0) as engaged_day_count_90d,
    preferred_channels.channel as preferred_channel_90d,
    preferred_weekdays.weekday as preferred_weekday_90d,
    preferred_parts_of_day.part_of_day as preferred_part_of_day_90d,
    described_profiles.as_of
from described_profiles
left join last_contacts on described_profiles.profile_id = last_contacts.profile_id
left join activity_totals on described_profiles.profile_id = activity_totals.profile_id
left join mail_totals on described_profiles.profile_id = mail_totals.profile_id
left join engaged_day_totals on described_profiles.profile_id = engaged_day_totals.profile_id
left join product_totals on described_profiles.profile_id = product_totals.profile_id
left join abandoned_carts on described_profiles.profile_id = abandoned_carts.profile_id
left join platform_totals on described_profiles.profile_id = platform_totals.profile_id
left join recommendations
    on described_profiles.profile_id = recommendations.profile_id and recommendations.recency = 1
left join ticket_totals on described_profiles.profile_id = ticket_totals.profile_id
left join preferred_channels
    on described_profiles.profile_id = preferred_channels.profile_id and preferred_channels.preference = 1
left join preferred_weekdays
    on described_profiles.profile_id = preferred_weekdays.profile_id and preferred_weekdays.preference = 1
left join preferred_parts_of_day
    on
        described_profiles.profile_id = preferred_parts_of_day.profile_id
        and preferred_parts_of_day.preference = 1
