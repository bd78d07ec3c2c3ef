-- Grain: profile_id, as_of.
-- People who bought lately, often and for much: the RFM group champions.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'champions'
