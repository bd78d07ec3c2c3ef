-- Grain: household_id, profile_id. Who lives with whom, as far as is known: profiles at one address that
-- have one family name or share a phone number, directly or through others. They stay profiles of their
-- own. The address is the one of profiles.profiles, so that whoever has moved out is in it no longer.
-- A household is named after the member who was known first, not after its address or smallest id: it keeps
-- its id when it moves and when somebody joins who was known later.
-- Leaves out people alone: that nobody else is known does not say that they live alone, and who counts
-- them as households of one coalesces to the profile_id. A name or number that more profiles at one address
-- share than the variable max_profiles_per_household is a home's or an office's, and joins nobody.
with profiles as (

    select * from {{ ref('profiles') }}

),

contact_points as (

    select * from {{ ref('contact_points') }}

),

normalised_profiles as (

    select
        profile_id,
        {{ normalised_street('street') }} as street,
        {{ normalised_postcode('postcode') }} as postcode,
        {{ comparable_text('last_name') }} as last_name
    from profiles

),

addresses as (

    select
        profile_id,
        postcode || ', ' || street as address,
        last_name
    from normalised_profiles
    where street is not null and postcode is not null

),

ties as (

    select
        profile_id,
        'last name' as reason,
        address || ', last name ' || last_name as tie
    from addresses
    where last_name is not null
    union all
    select
        addresses.profile_id,
        'phone' as reason,
        addresses.address || ', phone ' || contact_points.value as tie
    from addresses
    inner join contact_points on addresses.profile_id = contact_points.profile_id
    where contact_points.kind = 'phone' and contact_points.is_current

),

sizes_of_ties as (

    select
        tie,
        count(*) as profile_count
    from ties
    group by tie

),

joining_ties as (

    select
        ties.profile_id,
        ties.reason,
        ties.tie
    from ties
    inner join sizes_of_ties on ties.tie = sizes_of_ties.tie
    where sizes_of_ties.profile_count between 2 and {{ var('max_profiles_per_household') }}

),

-- Everybody is linked with what they share, not with everybody who shares it: pairs would grow as the square.
components as (

    {{ connected_components('joining_ties', 'profile_id', 'tie') }}

),

reasons as (

    select
        profile_id,
        {{ dbt.listagg("distinct reason", "', '", "order by reason") }} as reason
    from joining_ties
    group by profile_id

),

members as (

    select
        reasons.profile_id,
        reasons.reason,
        first_value(reasons.profile_id) over (
            partition by components.component
            order by profiles.first_seen_on, reasons.profile_id
        ) as first_profile_id
    from reasons
    inner join components on reasons.profile_id = components.node
    inner join profiles on reasons.profile_id = profiles.profile_id

)

select
    'h' || substring({{ dbt.hash('first_profile_id') }}, 1, 16) as household_id,
    profile_id,
    reason
from members
