-- Grain: profile_id, as_of.
-- People who buy often and for much, and not long ago: the RFM group loyal customers.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'loyal_customers'
