-- Grain: profile_id, as_of.
-- People who viewed products within seven days, and have put none of them into a cart nor bought it since.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where has_abandoned_browse
