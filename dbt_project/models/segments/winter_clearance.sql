-- Grain: profile_id, as_of.
-- People to invite to the clearance of winter 2027: who buy with discounts, and have no open complaint.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    ({{ in_segment('bargain_hunters') }} or {{ in_segment('promotion_only_buyers') }})
    and {{ not_in_segment('open_complaints') }}
    and {{ until_its_end() }}
