-- Grain: profile_id, as_of. Who a person is: as known now, but for the age, which is that of the day.
-- Leaves out whatever would name the person.
with profiles as (

    select * from {{ ref('profiles') }}

)

select
    profile_id,
    {{ dbt.datediff('first_seen_on', as_of_date(), 'day') }} as days_since_first_seen,
    case
        when birth_date <= {{ as_of_date() }}
            then
                extract(year from {{ as_of_date() }}) - extract(year from birth_date)
                - case
                    when
                        100 * extract(month from {{ as_of_date() }}) + extract(day from {{ as_of_date() }})
                        < 100 * extract(month from birth_date) + extract(day from birth_date)
                        then 1
                    else 0
                end
    end as age_years,
    gender,
    city,
    country,
    income_band,
    household_size,
    home_ownership,
    marital_status,
    kids_count,
    {{ as_of_date() }} as as_of
from profiles
where first_seen_on <= {{ as_of_date() }}
