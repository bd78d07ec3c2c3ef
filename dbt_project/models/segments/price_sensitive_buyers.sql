-- Grain: profile_id, as_of.
-- People with five orders or more in a year who are of the tenth of buyers who mind prices most.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and price_sensitivity_decile = 10
