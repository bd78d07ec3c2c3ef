-- Grain: record_id. The cluster of records that are one person, named by its smallest record: the
-- connected components of identity.identity_edges. A record without an edge is a cluster of its own.
-- Leaves out the profile's id: that is identity.identity_map.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

components as (

    {{ connected_components(ref('identity_edges')) }}

)

select
    customer_records.record_id,
    coalesce(components.component, customer_records.record_id) as cluster_id
from customer_records
left join components on customer_records.record_id = components.node
