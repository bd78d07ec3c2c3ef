-- Grain: profile_id, as_of.
-- Customers who by their own rhythm are gone.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'churned'
