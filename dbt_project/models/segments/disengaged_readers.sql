-- Grain: profile_id, as_of.
-- People who got three mails or more in 90 days and opened none.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    email_sent_count_90d >= 3
    and email_opened_count_90d = 0
