-- Grain: profile_id, as_of.
-- Customers who have come back after a pause in which they counted as lapsed.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where life_cycle_stage = 'won_back'
