-- Grain: profile_id, as_of.
-- People who unsubscribed from e-mail within a year: to be left out.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did('email_unsubscribed', within_days=365) }}
