-- Grain: profile_id, as_of.
-- People who open half or more of what we mail, three mails or more in 90 days.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    email_opened_count_90d >= 3
    and email_open_rate_90d >= 0.5
