-- Grain: list_name, member. Who is on the lists that are kept by hand, and what they are named by.
-- Leaves out who these people are: that is profiles.listed_members.
with segment_members as (

    select * from {{ ref('stg_lists__segment_members') }}

)

select
    list_name,
    member,
    case
        when member like '%@%' then 'email'
        when member like '%:%' then 'record_id'
        else 'profile_id'
    end as member_kind
from segment_members
