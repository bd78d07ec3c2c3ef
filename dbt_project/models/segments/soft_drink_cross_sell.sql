-- Grain: profile_id, as_of.
-- People who bought bag snacks in the last 90 days, and no soft drinks.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    {{ did('purchase', within_days=90, category='BAG SNACKS') }}
    and {{ did_not('purchase', within_days=90, category='SOFT DRINKS') }}
