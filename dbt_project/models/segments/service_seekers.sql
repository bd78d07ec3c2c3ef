-- Grain: profile_id, as_of.
-- People who buy for the service.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ has_any('motives', ['service']) }}
