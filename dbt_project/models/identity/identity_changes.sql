-- Grain: revision, previous_profile_id, profile_id. The merges and splits of profiles: which id gave
-- records to which other one, when and why. `merged`: the previous id is given up; `split`: it lives on.
-- Leaves out records that are new or gone without moving others: identity.identity_history has them.
with identity_history as (

    select * from {{ ref('identity_history') }}

)

select
    revision,
    previous_profile_id,
    profile_id,
    change,
    cause,
    changed_at,
    count(*) as record_count
from identity_history
where change in ('merged', 'split')
group by revision, previous_profile_id, profile_id, change, cause, changed_at
