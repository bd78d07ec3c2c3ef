-- Grain: profile_id, as_of.
-- Working people of 18 to 39 with a fifth or more of their orders on weekday evenings, who want convenience
-- as well as quality.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    age_years between 18 and 39
    and occupation in ('employee', 'manager', 'professional', 'self-employed')
    and weekday_evening_order_share_365d >= 0.2
    and {{ has_all('motives', ['convenience', 'quality']) }}
