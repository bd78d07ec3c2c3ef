-- Grain: record_id. What each record was like when it was last resolved, and its neighbourhood: the records
-- that may bear on each other, since they share values, linking or a household's, or fuzzy links, directly
-- or over others. The next run finds by it what it has to resolve.
-- Comes last in its stage and empties what said which records these were, so that a run which stops before
-- leaves them to the next one.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_unresolved',
    unique_key='record_id',
    post_hook=[
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
with changed_records as (

    select * from {{ ref('changed_records') }}

),

identity_components as (

    select * from {{ ref('identity_components') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

fuzzy_links as (

    select * from {{ ref('fuzzy_links') }} {{ unresolved('record_id_a') }}

),

household_values as (

    select
        identity_components.component_id,
        min(identity_components.component_id) over (
            partition by identifiers.kind, identifiers.value
        ) as first_component_id
    from identifiers
    inner join identity_components on identifiers.record_id = identity_components.record_id
    where identifiers.rejection_reason = 'shared in a household'

),

ties as (

    select distinct
        first_component_id as record_id_a,
        component_id as record_id_b
    from household_values
    where component_id <> first_component_id
    union
    select
        components_a.component_id as record_id_a,
        components_b.component_id as record_id_b
    from fuzzy_links
    inner join identity_components as components_a on fuzzy_links.record_id_a = components_a.record_id
    inner join identity_components as components_b on fuzzy_links.record_id_b = components_b.record_id

),

neighbourhoods as (

    {{ connected_components('ties') }}

)

select
    identity_components.record_id,
    coalesce(changed_records.fingerprint, held.fingerprint) as fingerprint,
    coalesce(neighbourhoods.component, identity_components.component_id) as neighbourhood_id,
    {{ rules_fingerprint() }} as rules_fingerprint
from identity_components
left join changed_records on identity_components.record_id = changed_records.record_id
left join {{ held_resolutions() }} as held on identity_components.record_id = held.record_id
left join neighbourhoods on identity_components.component_id = neighbourhoods.node
