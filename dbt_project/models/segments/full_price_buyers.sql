-- Grain: profile_id, as_of.
-- People with five orders or more in a year who paid full price for four fifths or more of what they bought.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    order_count_365d >= 5
    and discounted_sales_share_365d <= 0.2
