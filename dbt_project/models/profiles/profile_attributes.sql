{#- What a profile knows of a person beside identifiers, in the order of profiles.profiles. -#}
{%- set stated_attributes = [
    'first_name', 'last_name', 'birth_date', 'gender', 'street', 'postcode', 'city', 'country', 'loyalty_tier',
    'income_band', 'household_size', 'home_ownership', 'marital_status', 'kids_count',
] -%}
-- Grain: profile_id, attribute. Which record won each attribute of a profile, and by which rule: the
-- value stated most recently. E-mail, phone and loyalty card are the admitted ones of identity.identifiers,
-- e-mail and phone as one writes to them.
-- Leaves out empty values, which never win, and junk: blocked values and values that are not valid.
with customer_records as (

    select * from {{ ref('customer_records') }}

),

identifiers as (

    select * from {{ ref('identifiers') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

blocklist as (

    select * from {{ ref('identifier_blocklist') }}

),

stated_values as (

    {% for attribute in stated_attributes %}
    select
        record_id,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as {{ dbt.type_string() }}) as value
    from customer_records
    where {{ attribute }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

blocked_values as (

    select distinct
        stated_values.attribute,
        stated_values.value
    from stated_values
    inner join blocklist on stated_values.attribute = blocklist.kind
    where
        (blocklist.pattern_type = 'exact' and stated_values.value = blocklist.value)
        or {{ matches_whole(
            'stated_values.value',
            "case when blocklist.pattern_type = 'regex' then blocklist.value end"
        ) }}

),

admitted_values as (

    select
        stated_values.record_id,
        stated_values.attribute,
        stated_values.value
    from stated_values
    left join blocked_values
        on
            stated_values.attribute = blocked_values.attribute
            and stated_values.value = blocked_values.value
    where blocked_values.value is null
    union all
    select
        record_id,
        kind as attribute,
        coalesce(contact_value, value) as value
    from identifiers
    where
        kind in ('email', 'phone', 'loyalty_id')
        and value is not null
        and (rejection_reason is null or rejection_reason = 'shared in a household')

),

ranked_values as (

    select
        identity_map.profile_id,
        admitted_values.attribute,
        admitted_values.value,
        admitted_values.record_id,
        customer_records.source,
        customer_records.updated_at as recorded_at,
        row_number() over (
            partition by identity_map.profile_id, admitted_values.attribute
            order by
                case when customer_records.updated_at is null then 1 else 0 end,
                customer_records.updated_at desc,
                customer_records.first_seen_at desc,
                admitted_values.record_id
        ) as recency
    from admitted_values
    inner join identity_map on admitted_values.record_id = identity_map.record_id
    inner join customer_records on admitted_values.record_id = customer_records.record_id

)

select
    profile_id,
    attribute,
    value,
    record_id,
    source,
    'most_recent' as rule,
    recorded_at
from ranked_values
where recency = 1
