-- Grain: profile_id, as_of.
-- People who bought lately, but least of all: the RFM group recent customers.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'recent_customers'
