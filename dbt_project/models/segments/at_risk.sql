-- Grain: profile_id, as_of.
-- People who used to buy often and for much, but have not for a long time: the RFM group at risk.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'at_risk'
