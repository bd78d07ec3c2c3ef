-- Grain: profile_id, as_of.
-- People who spent 3000 or more within a year.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where sales_amount_365d >= 3000
