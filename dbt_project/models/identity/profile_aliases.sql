-- Grain: profile_id. Every id that was ever issued, with the profile that it stands for today: itself
-- while it is in use, else the one that most of the records are in that have belonged to it. An id whose
-- records are all gone, but that had been merged, stands for what its heir stands for: the id under which
-- most of the records that it gave up in the merge were last. So somebody who was parted again after a merge
-- and then deleted stands for nobody, as do ids that were never merged.
-- Heirs run in no circle: each was still in use when its predecessor was not.
-- Leaves out what the profile is like: that is profiles.profiles.
{{ config(materialized='incremental', incremental_strategy='replace_unresolved', unique_key='profile_id') }}
{%- set is_brought_up_to_date = is_brought_up_to_date_with('heir_profile_id') %}
with identity_history as (

    select * from {{ ref('identity_history') }}
    {{ of_unresolved_records() if is_brought_up_to_date or not execute }}

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

ranked_successors as (

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

),

successors as (

    select
        profile_id,
        current_profile_id
    from ranked_successors
    where preference = 1

),

profiles_without_records as (

    select issued_profiles.profile_id
    from issued_profiles
    left join successors on issued_profiles.profile_id = successors.profile_id
    where successors.profile_id is null

),

-- The history is read for each purpose by itself: the engine holds a CTE that is read twice as a whole.
departures as (

    select
        previous_profile_id as profile_id,
        record_number,
        change,
        revision,
        max(revision) over (partition by previous_profile_id) as last_revision
    from {{ ref('identity_history') }}
    where
        previous_profile_id in (
            select profiles_without_records.profile_id from profiles_without_records
            where {{ every_key('profiles_without_records.profile_id') }}
        )

),

-- An id that was given up may have come back: what counts is how it was given up last.
merged_records as (

    select
        profile_id,
        record_number
    from departures
    where revision = last_revision and change = 'merged'

),

last_profiles as (

    select
        record_number,
        max_by(profile_id, revision) as profile_id
    from {{ ref('identity_history') }}
    where
        profile_id is not null
        and record_number in (
            select merged_records.record_number from merged_records
            where {{ every_key('merged_records.record_number') }}
        )
    group by record_number

),

ranked_heirs as (

    select
        merged_records.profile_id,
        last_profiles.profile_id as heir_profile_id,
        row_number() over (
            partition by merged_records.profile_id
            order by count(*) desc, last_profiles.profile_id
        ) as preference
    from merged_records
    inner join last_profiles on merged_records.record_number = last_profiles.record_number
    group by merged_records.profile_id, last_profiles.profile_id

),

{% if is_brought_up_to_date -%}
-- Of ids that nothing is looked at of, those whose heir may stand for somebody else now. However many heirs
-- are in between, they all stood for one profile before: nobody has to be followed backwards.
affected_aliases as (

    select
        profile_id,
        heir_profile_id,
        issued_in,
        issued_at
    from {{ this }}
    where
        heir_profile_id is not null
        and profile_id not in (select issued_profiles.profile_id from issued_profiles)
        and coalesce(current_profile_id, 'nobody') in (
            select coalesce(before.current_profile_id, 'nobody') from {{ this }} as before
            where before.profile_id in (select issued_profiles.profile_id from issued_profiles)
        )

),

{% endif -%}
heirs as (

    select
        profile_id,
        heir_profile_id
    from ranked_heirs
    where preference = 1
    {%- if is_brought_up_to_date %}
    union all
    select
        profile_id,
        heir_profile_id
    from affected_aliases
    {%- endif %}

),

last_heirs as (

    select
        profile_id,
        current_profile_id
    from successors
    where profile_id in (select heirs.heir_profile_id from heirs)
    {%- if is_brought_up_to_date %}
    union all
    select
        profile_id,
        current_profile_id
    from {{ this }}
    where
        profile_id in (select heirs.heir_profile_id from heirs)
        and profile_id not in (select affected_aliases.profile_id from affected_aliases)
        and profile_id not in (select issued_profiles.profile_id from issued_profiles)
    {%- endif %}

),

followed_heirs as (

    {{ ends_of_chains('heirs', 'profile_id', 'heir_profile_id', 'last_heirs', 'current_profile_id') }}

)

select
    issued_profiles.profile_id,
    coalesce(successors.current_profile_id, followed_heirs.current_profile_id) as current_profile_id,
    coalesce(successors.current_profile_id = issued_profiles.profile_id, false) as is_current,
    heirs.heir_profile_id,
    issued_profiles.issued_in,
    issued_profiles.issued_at
from issued_profiles
left join successors on issued_profiles.profile_id = successors.profile_id
left join heirs on issued_profiles.profile_id = heirs.profile_id
left join followed_heirs on issued_profiles.profile_id = followed_heirs.profile_id
{%- if is_brought_up_to_date %}
union all
select
    affected_aliases.profile_id,
    followed_heirs.current_profile_id,
    false as is_current,
    affected_aliases.heir_profile_id,
    affected_aliases.issued_in,
    affected_aliases.issued_at
from affected_aliases
left join followed_heirs on affected_aliases.profile_id = followed_heirs.profile_id
{%- endif %}
