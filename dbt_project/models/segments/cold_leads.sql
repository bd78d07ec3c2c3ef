-- Grain: profile_id, as_of.
-- People who never ordered and have shown little or no interest of late.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where funnel_stage in ('awareness', 'interest')
