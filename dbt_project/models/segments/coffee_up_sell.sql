-- Grain: profile_id, as_of.
-- People who buy coffee of the private brand, and do not look for the lowest price.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    {{ did('purchase', within_days=180, category='COFFEE', brand_type='Private') }}
    and {{ did_not('purchase', within_days=180, category='COFFEE', brand_type='National') }}
    and price_sensitivity_decile <= 7
