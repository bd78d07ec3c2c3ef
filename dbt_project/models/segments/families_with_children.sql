-- Grain: profile_id, as_of.
-- People with children at home.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where has_children
