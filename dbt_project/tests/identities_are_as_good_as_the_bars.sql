-- What is known of who is who bears the identities out, or profiles do not follow them: whatever is built
-- on identity.identity_scores waits. Precision is judged over all records, since a join needs a reason
-- whatever a record states, and a wrong one hands somebody's data to somebody else. Recall is judged over
-- the identified ones: how many records state nothing is the traffic's doing, not the rules'.
-- A score of a few pairs is no evidence.
{{ config(meta={'dagster': {'ref': {'name': 'identity_scores'}}}) }}
{{ refuse_low_scores(ref('identity_scores')) }}
{{ low_scores(ref('identity_scores')) }}
