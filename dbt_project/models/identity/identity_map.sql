-- Grain: record_id. Which profile each record belongs to. A profile's id follows from its earliest
-- record, by first_seen_at, then record_id.
-- Leaves out what the profile is like: that is profiles.profiles.
with identity_clusters as (

    select * from {{ ref('identity_clusters') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

ranked_records as (

    select
        customer_records.source,
        customer_records.source_record_id,
        customer_records.record_id,
        first_value(customer_records.record_id) over (
            partition by identity_clusters.cluster_id
            order by
                case when customer_records.first_seen_at is null then 1 else 0 end,
                customer_records.first_seen_at,
                customer_records.record_id
        ) as earliest_record_id
    from customer_records
    inner join identity_clusters on customer_records.record_id = identity_clusters.record_id

)

select
    source,
    source_record_id,
    record_id,
    'p' || substring({{ dbt.hash('earliest_record_id') }}, 1, 16) as profile_id
from ranked_records
