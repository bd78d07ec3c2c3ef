-- Grain: profile_id, as_of.
-- People who bought most of all, but not for a long time: the RFM group cannot lose them.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'cannot_lose_them'
