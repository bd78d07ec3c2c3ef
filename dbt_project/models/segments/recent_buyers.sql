-- Grain: profile_id, as_of.
-- People who ordered in the seven days that end with the day: an exclusion list.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did('order', within_days=7) }}
