-- Grain: profile_id, as_of.
-- People who are interested in cooking, by what they say or buy.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ has_any('interests', ['cooking']) }} or {{ has_any('shown_interests', ['cooking']) }}
