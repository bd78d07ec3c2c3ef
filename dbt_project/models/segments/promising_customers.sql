-- Grain: profile_id, as_of.
-- People who bought lately, but little yet: the RFM group promising.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'promising'
