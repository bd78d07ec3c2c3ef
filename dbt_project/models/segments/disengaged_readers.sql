-- Grain: profile_id, as_of.
-- People who got five mails or more in 90 days and opened none.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    email_sent_count_90d >= 5
    and email_opened_count_90d = 0
