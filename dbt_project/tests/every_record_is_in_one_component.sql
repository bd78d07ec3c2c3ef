-- Numbers stand for records there: one that is missing, or none's, would drop out of joins in silence.
{{ config(meta={'dagster': {'ref': {'name': 'identity_components'}}}) }}
with customer_records as (

    select record_number from {{ ref('customer_records') }}

),

identity_components as (

    select record_number from {{ ref('identity_components') }}

)

select
    customer_records.record_number as known_number,
    identity_components.record_number as component_record_number
from customer_records
full outer join identity_components on customer_records.record_number = identity_components.record_number
where customer_records.record_number is null or identity_components.record_number is null
