-- Grain: profile_id, as_of.
-- People who clicked in an e-mail within 14 days, and have not ordered since.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did_then_not('email_clicked', 'order', within_days=14) }}
