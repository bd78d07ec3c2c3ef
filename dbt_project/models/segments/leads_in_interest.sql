-- Grain: profile_id, as_of.
-- People who never ordered, but have of late visited, read what we mail, or answered.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where funnel_stage = 'interest'
