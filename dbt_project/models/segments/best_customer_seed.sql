-- Grain: profile_id, as_of.
-- The best customers, to find people like them: of the highest lifetime value, active, and without an open
-- complaint.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    {{ in_segment('top_value_customers') }}
    and {{ in_segment('active_customers') }}
    and {{ not_in_segment('open_complaints') }}
