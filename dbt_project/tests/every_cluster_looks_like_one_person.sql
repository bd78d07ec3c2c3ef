-- Clusters with more than one loyalty card, or with birth dates that differ together with the first
-- names: probably several people.
-- warn, not error: such a cluster is a finding about the sources, to be looked at (a card may have been
-- replaced, a birth date mistyped), not a reason to stop the flow.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'identity_clusters'}}}) }}
with clusters as (

    select * from {{ ref('identity_clusters') }}

),

loyalty_cards as (

    select
        clusters.cluster_id,
        count(distinct identifiers.value) as loyalty_card_count
    from clusters
    inner join {{ ref('identifiers') }} as identifiers on clusters.record_id = identifiers.record_id
    where identifiers.kind = 'loyalty_id' and identifiers.is_usable
    group by clusters.cluster_id

),

described_records as (

    select
        clusters.cluster_id,
        cast(customer_records.birth_date as {{ dbt.type_string() }}) as birth_date,
        first_names.first_name
    from clusters
    inner join {{ ref('customer_records') }} as customer_records
        on clusters.record_id = customer_records.record_id
    left join {{ ref('first_names') }} as first_names on clusters.record_id = first_names.record_id

),

people as (

    select
        described_records.cluster_id,
        count(distinct case when blocklist.value is null then described_records.birth_date end)
            as birth_date_count,
        count(distinct described_records.first_name) as first_name_count
    from described_records
    left join {{ ref('identifier_blocklist') }} as blocklist
        on
            described_records.birth_date = blocklist.value
            and blocklist.kind = 'birth_date'
    group by described_records.cluster_id

)

select
    people.cluster_id,
    coalesce(loyalty_cards.loyalty_card_count, 0) as loyalty_card_count,
    people.birth_date_count,
    people.first_name_count
from people
left join loyalty_cards on people.cluster_id = loyalty_cards.cluster_id
where
    loyalty_cards.loyalty_card_count > 1
    or (people.birth_date_count > 1 and people.first_name_count > 1)
