-- Grain: profile_id, as_of.
-- Members who spend their points: half or more of what they earned.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where points_redemption_rate >= 0.5
