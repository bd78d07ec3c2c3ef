-- Grain: profile_id, as_of.
-- People who work here, by the list `staff` of now, for audiences to leave out. A past day has today's staff
-- as well.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ listed_in('staff') }}
