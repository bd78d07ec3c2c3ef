-- Grain: profile_id, as_of.
-- People who bought soft drinks on three days or more within 90 days.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did('purchase', at_least=3, of='days', within_days=90, category='SOFT DRINKS') }}
