-- Grain: profile_id, as_of.
-- People who never ordered, but have put something into a cart or looked at products of late.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where
    funnel_stage in ('intent', 'consideration')
    and lead_score >= 20
