-- Grain: record_id. The records that are not as they were when they were last resolved, with what they are
-- like now: new ones, changed ones, and those that are gone, which have no fingerprint. All of them where
-- the rules have changed, since these are part of every fingerprint, and in a full refresh. Empty once a run
-- has come to its end.
-- Leaves out a change of `updated_at`, which says nothing of who it is. What a run left unresolved that
-- stopped halfway counts as changed.
with identifying_columns as (

    select * exclude (updated_at) from {{ ref('customer_records') }}

),

held_resolutions as (

    select record_id, fingerprint from {{ held_resolutions() }}

),

held_map as (

    select record_id from {{ held_map() }}

),

left_unresolved as (

    select record_id from {{ held_unresolved_records() }}

),

fingerprints as (

    select
        record_id,
        {{ row_hash('identifying_columns', rules_fingerprint()) }} as fingerprint
    from identifying_columns

),

records_before as (

    select record_id from held_map
    union
    select record_id from left_unresolved

)

select
    fingerprints.record_id,
    fingerprints.fingerprint
from fingerprints
left join held_resolutions on fingerprints.record_id = held_resolutions.record_id
where
    held_resolutions.record_id is null
    or fingerprints.fingerprint <> held_resolutions.fingerprint
    or fingerprints.record_id in (select left_unresolved.record_id from left_unresolved)
    or {{ flags.FULL_REFRESH }}
union all
select
    record_id,
    null as fingerprint
from records_before
where record_id not in (select fingerprints.record_id from fingerprints)
