-- Grain: profile_id, as_of.
-- People who viewed products within seven days, and have neither put one into a cart nor ordered since.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where {{ did_then_not('product_view', ['add_to_cart', 'order'], within_days=7) }}
