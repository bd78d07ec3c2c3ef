-- Grain: profile_id, as_of.
-- People with a complaint that is not solved: to be left out of advertising.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where open_complaint_count > 0
