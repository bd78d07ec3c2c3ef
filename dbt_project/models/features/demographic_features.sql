-- Grain: profile_id, as_of. Who a person is: as known now, but for age and birthday, which are the day's.
-- Generations are bounded by the seed generations. Who is born on 29 February has a birthday on the 28th
-- where there is none. Leaves out whatever would name the person.
with profiles as (

    select * from {{ ref('profiles') }}

),

generations as (

    select * from {{ ref('generations') }}

),

income_bands as (

    select * from {{ ref('income_bands') }}

),

described_profiles as (

    {{ described_profiles(columns=[
        'first_seen_on', 'birth_date', 'gender', 'city', 'country', 'income_band', 'household_size',
        'home_ownership', 'marital_status', 'kids_count', 'education', 'occupation',
    ]) }}

),

born_profiles as (

    select
        profile_id,
        birth_date,
        cast(extract(year from as_of) - extract(year from birth_date) as integer) as years,
        as_of
    from described_profiles
    where birth_date <= as_of

),

-- The birthday of the day's year, on which a year of age is completed.
birthdays as (

    select
        profile_id,
        birth_date,
        years,
        cast({{ dbt.dateadd('year', 'years', 'birth_date') }} as date) as birthday_on,
        cast({{ dbt.dateadd('year', 'years + 1', 'birth_date') }} as date) as next_birthday_on,
        as_of
    from born_profiles

)

select
    described_profiles.profile_id,
    {{ dbt.datediff('described_profiles.first_seen_on', 'described_profiles.as_of', 'day') }}
        as days_since_first_seen,
    cast(birthdays.years - case when birthdays.birthday_on > birthdays.as_of then 1 else 0 end as bigint)
        as age_years,
    generations.generation,
    case
        when birthdays.birthday_on >= birthdays.as_of
            then {{ dbt.datediff('birthdays.as_of', 'birthdays.birthday_on', 'day') }}
        else {{ dbt.datediff('birthdays.as_of', 'birthdays.next_birthday_on', 'day') }}
    end as days_until_birthday,
    described_profiles.gender,
    described_profiles.city,
    described_profiles.country,
    described_profiles.income_band,
    income_bands.income_from_amount,
    described_profiles.household_size,
    described_profiles.home_ownership,
    described_profiles.marital_status,
    described_profiles.kids_count,
    case
        when described_profiles.kids_count = '0' then false
        -- A number, or a band that begins with one; "unknown" in any words is neither.
        when substring(described_profiles.kids_count, 1, 1) between '1' and '9' then true
    end as has_children,
    described_profiles.education,
    described_profiles.occupation,
    described_profiles.as_of
from described_profiles
left join birthdays on described_profiles.profile_id = birthdays.profile_id
left join generations
    on
        extract(year from birthdays.birth_date) >= generations.first_birth_year
        and extract(year from birthdays.birth_date) <= generations.last_birth_year
left join income_bands on described_profiles.income_band = income_bands.income_band
