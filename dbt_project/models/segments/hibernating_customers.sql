-- Grain: profile_id, as_of.
-- People who bought little, and not for a long time: the RFM group hibernating.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'hibernating'
