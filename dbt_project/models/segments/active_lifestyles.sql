-- Grain: profile_id, as_of.
-- People who lead an active life, by what they say or do.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ has_any('lifestyles', ['active']) }} or workouts_per_week >= 3
