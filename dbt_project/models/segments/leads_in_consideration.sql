-- Grain: profile_id, as_of.
-- People who never ordered, but have of late looked at products or put one on a wish list.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where funnel_stage = 'consideration'
