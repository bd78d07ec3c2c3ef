-- Grain: record_id. Which profile each record belongs to: the last word of identity.identity_history.
-- Leaves out what the profile is like: that is profiles.profiles.
with identity_history as (

    select * from {{ ref('identity_history') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

ranked_history as (

    select
        record_id,
        profile_id,
        row_number() over (partition by record_id order by revision desc) as recency
    from identity_history

)

select
    customer_records.source,
    customer_records.source_record_id,
    customer_records.record_id,
    ranked_history.profile_id
from ranked_history
inner join customer_records on ranked_history.record_id = customer_records.record_id
where ranked_history.recency = 1 and ranked_history.profile_id is not null
