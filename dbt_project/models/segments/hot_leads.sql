-- Grain: profile_id, as_of.
-- People who never ordered, but score 30 or more by what they did in 90 days.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where lead_score >= 30
