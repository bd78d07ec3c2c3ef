-- Grain: profile_id, as_of. What a person holds with the retailer by the day: accounts, cards, devices, and in
-- how many systems there is a record of the person.
-- Leaves out what was closed since: no source says so.
with profiles as (

    select * from {{ ref('profiles') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

described_profiles as (

    {{ described_profiles() }}

),

record_totals as (

    select
        identity_map.profile_id,
        count(distinct customer_records.source) as source_count,
        count(case customer_records.source when 'ecommerce__accounts' then 1 end) as account_count,
        count(case customer_records.source when 'loyalty__members' then 1 end) as loyalty_card_count,
        count(case customer_records.source when 'web__devices' then 1 end) as device_count
    from identity_map
    inner join customer_records on identity_map.record_number = customer_records.record_number
    where cast(customer_records.first_seen_at as date) <= {{ as_of_date() }}
    group by identity_map.profile_id

)

select
    described_profiles.profile_id,
    coalesce(record_totals.source_count, 0) as source_count,
    coalesce(record_totals.account_count, 0) as account_count,
    coalesce(record_totals.loyalty_card_count, 0) as loyalty_card_count,
    coalesce(record_totals.device_count, 0) as device_count,
    described_profiles.as_of
from described_profiles
left join record_totals on described_profiles.profile_id = record_totals.profile_id
