-- Grain: profile_id, as_of.
-- Customers who buy in their own rhythm.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'active'
