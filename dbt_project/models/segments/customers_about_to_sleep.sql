-- Grain: profile_id, as_of.
-- People below average who have not bought for a while: the RFM group about to sleep.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where rfm_group = 'about_to_sleep'
