-- Grain: profile_id, as_of.
-- People who buy regularly, and are of the tenth of buyers who mind prices most.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and price_sensitivity_decile = 10
