-- Grain: phone, region. The phone numbers of customer records and of statements of consent as they were
-- written, and as E.164 by the rules of a region: the country of the record, else the deployment's own.
-- What was read by the rules of now stays: reading a number takes a tenth of a millisecond.
-- Leaves out numbers that nobody states any more.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_phone_numbers() }}"
) }}
with stated_numbers as (

    {{ stated_phone_numbers(ref('customer_records'), ref('consents')) }}

),

new_numbers as (

    select distinct phone, region from stated_numbers
    {%- if is_incremental() %}
    where (phone, region) not in (select (known.phone, known.region) from {{ this }} as known)
    {%- endif %}

)

select
    phone,
    region,
    {{ normalised_phone('phone', 'region') }} as value,
    {{ phone_rules_version() }} as rules_version
from new_numbers
