-- What is known of who is who bears the identities out, or profiles do not follow them: whatever is built
-- on identity.identity_scores waits. Precision is judged over all records, since a join needs a reason
-- whatever a record states, and a wrong one hands somebody's data to somebody else. Recall is judged over
-- the identified ones: how many records state nothing is the traffic's doing, not the rules'.
-- A score of a few pairs is no evidence.
{{ config(meta={'dagster': {'ref': {'name': 'identity_scores'}}}) }}
{%- set low_scores %}
with identity_scores as (

    select * from {{ ref('identity_scores') }}

),

judged_scores as (

    select
        evidence,
        'precision' as measure,
        precision as score,
        found_pairs as pair_count,
        {{ var('least_identity_precision') }} as least_score
    from identity_scores
    where scope = 'all records'
    union all
    select
        evidence,
        'recall' as measure,
        recall as score,
        true_pairs as pair_count,
        {{ var('least_identity_recall') }} as least_score
    from identity_scores
    where scope = 'identified records'

)

select
    evidence,
    measure,
    score,
    pair_count,
    least_score
from judged_scores
where score < least_score and pair_count >= {{ var('least_scored_pairs') }}
{%- endset %}
{{ refuse_low_scores(ref('identity_scores'), low_scores) }}
{{ low_scores }}
