-- A run that merges or splits more profiles than the band allows stops before the map follows, since a
-- wrong rule must not reach the audiences; somebody who has looked at identity.identity_pending_changes
-- approves it. A handful of profiles never is a jump.
{{ config(meta={'dagster': {'ref': {'name': 'identity_pending_changes'}}}) }}
{{ unapproved_changes(ref('identity_proposals'), ref('identity_pending_changes')) }}
