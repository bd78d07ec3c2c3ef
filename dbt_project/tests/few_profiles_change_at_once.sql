-- A run that merges or splits more profiles than the band allows stops before the map follows, since a
-- wrong rule must not reach the audiences; somebody who has looked at identity.identity_proposals approves
-- it. A handful of profiles never is a jump.
{{ config(meta={'dagster': {'ref': {'name': 'identity_proposals'}}}) }}
with changed_profiles as (

    select
        count(distinct previous_profile_id) as profile_count,
        count(distinct case when change in ('merged', 'split') then previous_profile_id end)
            as changed_count
    from {{ ref('identity_proposals') }}

)

select
    profile_count,
    changed_count
from changed_profiles
where
    changed_count > greatest(20, {{ var('most_profiles_changed_share') }} * profile_count)
    and not {{ var('approve_identity_changes') }}
