-- Grain: profile_id, as_of.
-- Customers who are gone, by their own rhythm where they have one.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'churned'
