-- Grain: list_name, member, profile_id. Who the people are that somebody keeps on lists: by e-mail address,
-- the id of a record, or that of a profile, also one that was given up since.
-- Leaves nobody out: who is not known has no profile. An address that several share names all of them.
with list_members as (

    select * from {{ ref('list_members') }}

),

identifiers as (

    select * from {{ ref('identifiers') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

profile_aliases as (

    select * from {{ ref('profile_aliases') }}

),

addresses as (

    select distinct
        identifiers.value as address,
        identity_map.profile_id
    from identifiers
    inner join identity_map on identifiers.record_id = identity_map.record_id
    where
        identifiers.kind = 'email'
        -- Who of the house is meant, the address does not say: all are.
        and coalesce(identifiers.rejection_reason, 'shared in a household') = 'shared in a household'

),

known_members as (

    select
        list_members.list_name,
        list_members.member,
        addresses.profile_id
    from list_members
    inner join addresses on {{ normalised_email('list_members.member') }} = addresses.address
    where list_members.member_kind = 'email'

    union all

    select
        list_members.list_name,
        list_members.member,
        identity_map.profile_id
    from list_members
    inner join identity_map on list_members.member = identity_map.record_id
    where list_members.member_kind = 'record_id'

    union all

    select
        list_members.list_name,
        list_members.member,
        profile_aliases.current_profile_id as profile_id
    from list_members
    inner join profile_aliases on list_members.member = profile_aliases.profile_id
    where list_members.member_kind = 'profile_id'

)

select
    list_members.list_name,
    list_members.member,
    list_members.member_kind,
    known_members.profile_id
from list_members
left join known_members
    on
        list_members.list_name = known_members.list_name
        and list_members.member = known_members.member
