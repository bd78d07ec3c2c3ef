-- Grain: profile_id, as_of.
-- People who bought soft drinks within seven days: to be left out of advertising for them.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did('purchase', within_days=7, category='SOFT DRINKS') }}
