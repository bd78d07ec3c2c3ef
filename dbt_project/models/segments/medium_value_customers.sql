-- Grain: profile_id, as_of.
-- Customers of average lifetime value.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where value_tier = 'medium'
