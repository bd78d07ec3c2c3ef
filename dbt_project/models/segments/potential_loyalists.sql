-- Grain: profile_id, as_of.
-- People who bought lately, and more than once or for more than a little: the RFM group potential loyalists.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'potential_loyalists'
