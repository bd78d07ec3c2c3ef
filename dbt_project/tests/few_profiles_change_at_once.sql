-- A run that merges or splits more profiles than the band allows stops before the map follows, since a
-- wrong rule must not reach the audiences; somebody who has looked at identity.identity_pending_changes
-- approves it. A handful of profiles never is a jump.
{{ config(meta={'dagster': {'ref': {'name': 'identity_pending_changes'}}}) }}
with profiles as (

    select count(distinct profile_id) as profile_count
    from {{ ref('identity_proposals') }}

),

changes as (

    select count(distinct previous_profile_id) as changed_count
    from {{ ref('identity_pending_changes') }}
    where change in ('merged', 'split')

)

select
    profiles.profile_count,
    changes.changed_count
from profiles
cross join changes
where
    changes.changed_count > greatest(20, {{ var('most_profiles_changed_share') }} * profiles.profile_count)
    and not {{ var('approve_identity_changes') }}
