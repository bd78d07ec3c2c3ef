-- Grain: profile_id, as_of.
-- People who never ordered, but have of late put something into a cart.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where funnel_stage = 'intent'
