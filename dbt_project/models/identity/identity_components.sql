-- Grain: record_id. The component of records that links connect, directly or over others, named by its
-- smallest record. A record without a link is a component of its own.
-- Leaves out limits: identity.identity_clusters cuts what is too much for one person.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_id') }}
with customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

identity_links as (

    select * from {{ ref('identity_links') }} {{ unresolved('record_id_a') }}

),

components as (

    {{ connected_components('identity_links') }}

)

select
    customer_records.record_id,
    coalesce(components.component, customer_records.record_id) as component_id
from customer_records
left join components on customer_records.record_id = components.node
