-- Grain: record_id, revision. Every time that a record came to a profile or left it: a log to which each
-- run appends what has changed, and from which the map, the changes and the aliases follow.
-- Tests of what it reads stop a run; the hooks before it stop also somebody who then materialises it alone,
-- and the one behind it leaves nothing to be taken over twice.
-- Leaves out records that stay where they are. It is never rebuilt: with it the ids would be lost.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook=[
        "{{ refuse_low_scores(ref('identity_scores')) }}",
        "{{ refuse_unapproved_changes(ref('identity_proposals'), ref('identity_pending_changes')) }}"
    ],
    post_hook="delete from {{ ref('identity_pending_changes') }}"
) }}
with identity_pending_changes as (

    select * from {{ ref('identity_pending_changes') }}

)

select
    record_id,
    record_number,
    revision,
    profile_id,
    previous_profile_id,
    change,
    cause,
    {{ dbt.current_timestamp() }} as changed_at,
    rules_fingerprint
from identity_pending_changes
