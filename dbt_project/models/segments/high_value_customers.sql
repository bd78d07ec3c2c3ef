-- Grain: profile_id, as_of.
-- Customers whose lifetime value is above that of most, but not in the highest tenth.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where value_tier = 'high'
