-- A profile that can be reached by e-mail or phone has exactly one primary address or number, and what could
-- reach it earlier alone is none.
{{ config(meta={'dagster': {'ref': {'name': 'contact_points'}}}) }}
select
    profile_id,
    kind
from {{ ref('contact_points') }}
group by profile_id, kind
having
    count(case when is_primary then 1 end) <> max(case when is_current then 1 else 0 end)
    or count(case when is_primary and not is_current then 1 end) > 0
