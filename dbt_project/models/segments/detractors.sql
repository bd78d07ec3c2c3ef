-- Grain: profile_id, as_of.
-- People who would not recommend us: six or less in their latest answer.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where nps_group = 'detractor'
