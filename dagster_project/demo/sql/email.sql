-- email/engagement: the real campaigns' mailings to the households that really got them.

create table subscribers as
select
    person_number * 2 as record_number,
    'E' || opaque(person_number * 2, 668265263) as record_id,
    person_number,
    known_since + to_seconds(pick('subscription', person_number, 60 * 86400)) as written_at
from memberships
where roll('subscribes', person_number) < 0.75
union all
select
    person_number * 2 + 1,
    'E' || opaque(person_number * 2 + 1, 668265263),
    person_number,
    known_since + to_seconds(pick('second subscription', person_number, 60 * 86400))
from memberships
where roll('subscribes', person_number) < 0.03;

create table subscriber_contacts as
from written_contacts('email__subscribers', 'subscribers', 0.0, 1.0, 0.0);

-- Where no mailbox is behind an address, every mail comes back: it is mistyped, or its owner has left the
-- employer who gave it.
create table dead_subscribers as
with spelled_addresses as (
    select
        subscribers.record_id,
        subscribers.person_number,
        identities.email,
        identities.other_email,
        identities.shared_email,
        regexp_replace(lower(trim(subscriber_contacts.email)), '\+[a-z]+@', '@') as written_email
    from subscribers
    inner join subscriber_contacts using (record_id)
    inner join identities using (person_number)
)

select record_id
from spelled_addresses
where
    written_email not in (email, coalesce(other_email, email), coalesce(shared_email, email))
    or (written_email = other_email and roll('has left the employer', person_number) < 0.2);

create table mailings as
with sent_mails as (
    select
        subscribers.record_id as subscriber_id,
        subscribers.record_number * 32 + shifted_campaigns.campaign_id::bigint as mail_key,
        subscribers.person_number,
        shifted_campaigns.campaign_id,
        moment(shifted_campaigns.starts_on, 8 * 3600 + pick('sent', subscribers.record_number, 3600)) as sent_at,
        redeemers.campaign_id is not null as is_redeemed,
        dead_subscribers.record_id is not null as is_dead
    from real_campaigns
    inner join shifted_campaigns
        on real_campaigns.campaign_id::varchar = shifted_campaigns.campaign_id
    inner join people
        on real_campaigns.household_id = people.real_household_id
    inner join subscribers
        on people.person_number = subscribers.person_number
    left join (select distinct real_household_id, campaign_id from shifted_redemptions) as redeemers
        on real_campaigns.household_id = redeemers.real_household_id
        and shifted_campaigns.campaign_id = redeemers.campaign_id
    left join dead_subscribers
        on subscribers.record_id = dead_subscribers.record_id
    where
        is_within_window(shifted_campaigns.starts_on)
        and subscribers.written_at::date <= shifted_campaigns.starts_on
),

opened_mails as (
    select
        *,
        if(is_dead, later(sent_at, 1 + pick('bounced after', mail_key, 30)), null) as bounced_at,
        case
            when is_dead then null
            when roll('opens', mail_key) < if(is_redeemed, 0.8, 0.2 + 0.3 * roll('reads mail', person_number))
                then sent_at + to_seconds(120 + (pick('opened after', mail_key, 400) * pick('opened', mail_key, 400)))
        end as opened_at
    from sent_mails
),

answered_mails as (
    select
        *,
        if(roll('clicks', mail_key) < if(is_redeemed, 0.7, 0.15), opened_at + to_seconds(45), null) as clicked_at,
        if(roll('unsubscribes', mail_key) < 0.02, opened_at + to_seconds(70), null) as unsubscribed_at
    from opened_mails
)

select
    *,
    min(coalesce(unsubscribed_at, bounced_at)) over (partition by subscriber_id) as left_at
from answered_mails;

create view landing.email__engagement as
with moments as (
    select *, 0 as step, 'sent' as event_type, sent_at as occurred_at from mailings
    union all
    select *, 1, 'opened', opened_at from mailings
    union all
    -- In the place of opening: a mail that came back was read by nobody.
    select *, 1, 'bounced', bounced_at from mailings
    union all
    select *, 2, 'clicked', clicked_at from mailings
    union all
    select *, 3, 'unsubscribed', unsubscribed_at from mailings
),

events as (
    select
        mail_key * 8 + step as sort_key,
        'M' || to_hex(hash(mail_key)) || '-' || step as event_id,
        subscriber_id,
        subscriber_contacts.email,
        campaign_id,
        event_type,
        occurred_at,
        occurred_at::date as landed_on
    from moments
    inner join subscriber_contacts
        on moments.subscriber_id = subscriber_contacts.record_id
    where
        is_within_window(occurred_at)
        -- Who has unsubscribed hears no more, nor does an address that bounced.
        and (left_at is null or occurred_at <= left_at)
),

-- Extra rows that no quality gate should let through: an unknown type.
faulty_events as (
    select * replace (
        sort_key + 4 as sort_key,
        event_id || '-f' as event_id,
        'opend' as event_type
    )
    from events
    where roll('faulty mail event', sort_key) < 0.001
)

select * exclude (sort_key)
from (from events union all from faulty_events)
order by landed_on, sort_key;
