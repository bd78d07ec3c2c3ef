-- Grain: profile_id, as_of.
-- Customers whose next order is long overdue, by their own rhythm where they have one: at risk.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'at_risk'
