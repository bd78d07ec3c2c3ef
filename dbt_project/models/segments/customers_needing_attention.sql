-- Grain: profile_id, as_of.
-- People of average recency, frequency and value: the RFM group need attention.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'need_attention'
