-- Grain: record_number. What each record was like when it was last resolved, and its neighbourhood: the
-- records that may bear on each other, since they share values, linking or a household's, or fuzzy links,
-- directly or over others. The next run finds by it what it has to resolve.
-- Comes last in its stage and empties what said which records these were, so that a run which stops before
-- leaves them to the next one; only then are phone numbers forgotten that nobody states any more.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_unresolved',
    unique_key='record_number',
    post_hook=[
        "{{ forget_unstated_phone_numbers() }}",
        "delete from {{ ref('changed_records') }}",
        "delete from {{ ref('records_behind_fuzzy_links') }}",
        "delete from {{ ref('unresolved_records') }}"
    ]
) }}
{{ refuse_pending_changes() }}
-- depends_on: {{ ref('identity_bridges') }}
-- depends_on: {{ ref('identity_confidences') }}
-- depends_on: {{ ref('identity_rejected_links') }}
-- depends_on: {{ ref('profile_aliases') }}
-- depends_on: {{ ref('phone_numbers') }}
-- depends_on: {{ ref('consents') }}
-- depends_on: {{ ref('contact_statements') }}
with changed_records as (

    select * from {{ ref('changed_records') }}

),

customer_records as (

    select record_number from {{ ref('customer_records') }} {{ unresolved() }}

),

identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

fuzzy_links as (

    select
        {{ record_number('record_id_a') }} as record_number_a,
        {{ record_number('record_id_b') }} as record_number_b
    from {{ ref('fuzzy_links') }}

),

household_values as (

    select
        identity_components.component_number,
        min(identity_components.component_number) over (
            partition by identifiers.value_number
        ) as first_component_number
    from identifiers
    inner join identity_components on identifiers.record_number = identity_components.record_number
    where identifiers.rejection_reason = 'shared in a household'

),

ties as (

    select distinct
        first_component_number as component_a,
        component_number as component_b
    from household_values
    where component_number <> first_component_number
    union
    select
        components_a.component_number as component_a,
        components_b.component_number as component_b
    from fuzzy_links
    inner join identity_components as components_a on fuzzy_links.record_number_a = components_a.record_number
    inner join identity_components as components_b on fuzzy_links.record_number_b = components_b.record_number

),

neighbourhoods as (

    {{ connected_components('ties', 'component_a', 'component_b') }}

)

select
    customer_records.record_number,
    coalesce(changed_records.fingerprint, held.fingerprint) as fingerprint,
    coalesce(neighbourhoods.component, identity_components.component_number) as neighbourhood_number,
    {{ rules_fingerprint() }} as rules_fingerprint
from customer_records
inner join identity_components on customer_records.record_number = identity_components.record_number
left join changed_records on customer_records.record_number = changed_records.record_number
left join {{ held_resolutions() }} as held on customer_records.record_number = held.record_number
left join neighbourhoods on identity_components.component_number = neighbourhoods.node
