-- Grain: profile_id, as_of.
-- Customers who buy in their own rhythm, or have not been away for much longer.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'active'
