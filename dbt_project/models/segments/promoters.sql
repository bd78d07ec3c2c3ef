-- Grain: profile_id, as_of.
-- People who recommend us: nine or ten in their latest answer.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where nps_group = 'promoter'
