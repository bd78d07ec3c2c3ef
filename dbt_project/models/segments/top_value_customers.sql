-- Grain: profile_id, as_of.
-- Customers whose lifetime value is in the highest tenth.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where value_tier = 'top'
