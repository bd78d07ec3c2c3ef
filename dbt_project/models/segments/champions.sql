-- Grain: profile_id, as_of. People who score four or five by recency, frequency and monetary value.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4
