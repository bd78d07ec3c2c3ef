-- Grain: profile_id, as_of.
-- People who bought least, and longest ago: the RFM group lost.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'lost'
