-- Grain: profile_id, as_of.
-- Members who keep their points: a thousand or more, and less than a tenth of what they earned was spent.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    points_balance >= 1000
    and points_redemption_rate < 0.1
