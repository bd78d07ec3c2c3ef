-- Grain: phone, region. The phone numbers of customer records and of statements of consent as they were
-- written, and as E.164 by the rules of a region: the country of the record, else the deployment's own.
-- A statement of consent names no country, so its number is read by the rules of every one.
-- What was read by the rules of now is taken over: reading a number takes a tenth of a millisecond.
-- Leaves out numbers that nobody states any more.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

consents as (

    select * from {{ ref('consents') }}

),

numbers_of_records as (

    select distinct
        phone,
        {{ phone_region('country') }} as region
    from customer_records
    where phone is not null

),

regions as (

    select region from numbers_of_records
    union
    select '{{ var("default_region") }}' as region

),

stated_numbers as (

    select phone, region from numbers_of_records
    union
    select
        consents.phone,
        regions.region
    from consents
    cross join regions
    where consents.phone is not null

),

known_numbers as (

    select phone, region, value
    from {{ held_phone_numbers() }}
    where rules_version = {{ phone_rules_version() }} and not {{ flags.FULL_REFRESH }}

),

new_numbers as (

    select phone, region from stated_numbers
    except
    select phone, region from known_numbers

)

select
    known_numbers.phone,
    known_numbers.region,
    known_numbers.value,
    {{ phone_rules_version() }} as rules_version
from known_numbers
inner join stated_numbers
    on
        known_numbers.phone = stated_numbers.phone
        and known_numbers.region = stated_numbers.region
union all
select
    phone,
    region,
    {{ normalised_phone('phone', 'region') }} as value,
    {{ phone_rules_version() }} as rules_version
from new_numbers
