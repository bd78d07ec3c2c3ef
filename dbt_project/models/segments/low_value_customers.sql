-- Grain: profile_id, as_of.
-- Customers whose lifetime value is in the lowest three tenths.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where value_tier = 'low'
