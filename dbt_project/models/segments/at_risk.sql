-- Grain: profile_id, as_of.
-- People who bought often and for much within a year, but lately less than most.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where recency_score <= 2 and frequency_score >= 3 and monetary_score >= 3
