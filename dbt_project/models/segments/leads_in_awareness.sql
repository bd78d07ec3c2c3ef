-- Grain: profile_id, as_of.
-- People who never ordered, and have shown no interest in 90 days.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where funnel_stage = 'awareness'
