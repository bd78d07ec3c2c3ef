-- Grain: record_id. Which profile each record belongs to: the last word of identity.identity_history.
-- Leaves out what the profile is like: that is profiles.profiles.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number'
) }}
with identity_history as (

    select * from {{ ref('identity_history') }} {{ unresolved() }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

assignments as (

    {{ assignments_of('identity_history') }}

)

select
    customer_records.source,
    customer_records.source_record_id,
    customer_records.record_id,
    customer_records.record_number,
    assignments.profile_id
from assignments
inner join customer_records on assignments.record_number = customer_records.record_number
