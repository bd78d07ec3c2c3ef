-- Grain: profile_id. Every id that was ever issued, with the profile that it stands for today: itself
-- while it is in use, else the one that most of the records are in that have belonged to it.
-- Leaves out what the profile is like: that is profiles.profiles.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='profile_id') }}
with identity_history as (

    select * from {{ ref('identity_history') }} {{ of_unresolved_records() }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

issued_profiles as (

    select
        profile_id,
        min(revision) as issued_in,
        min(changed_at) as issued_at
    from identity_history
    where profile_id is not null
    group by profile_id

),

members as (

    select distinct
        profile_id,
        record_number
    from identity_history
    where profile_id is not null

),

successors as (

    select
        members.profile_id,
        identity_map.profile_id as current_profile_id,
        row_number() over (
            partition by members.profile_id
            order by
                case when identity_map.profile_id = members.profile_id then 0 else 1 end,
                count(*) desc,
                identity_map.profile_id
        ) as preference
    from members
    inner join identity_map on members.record_number = identity_map.record_number
    group by members.profile_id, identity_map.profile_id

)

select
    issued_profiles.profile_id,
    successors.current_profile_id,
    coalesce(successors.current_profile_id = issued_profiles.profile_id, false) as is_current,
    issued_profiles.issued_in,
    issued_profiles.issued_at
from issued_profiles
left join successors
    on
        issued_profiles.profile_id = successors.profile_id
        and successors.preference = 1
