{#- The attributes that have a column of their own. -#}
{%- set attributes = [
    'first_name', 'last_name', 'email', 'phone', 'birth_date', 'gender', 'street', 'postcode', 'city', 'country',
    'loyalty_id', 'loyalty_tier', 'income_band', 'household_size', 'home_ownership', 'marital_status',
    'kids_count', 'education', 'occupation',
] -%}
-- Grain: profile_id. One row per person: what profiles.profile_attributes chose, side by side. Attributes
-- that the seed profile_attribute_rules names beyond the columns here arrive in custom_attributes.
-- Leaves out every value that did not win, further contact points, and consents.
with profile_attributes as (

    select * from {{ ref('profile_attributes') }}

),

identity_map as (

    select * from {{ ref('identity_map') }}

),

customer_records as (

    select * from {{ ref('customer_records') }}

),

record_totals as (

    select
        identity_map.profile_id,
        cast(min(customer_records.first_seen_at) as date) as first_seen_on,
        count(*) as record_count,
        count(distinct identity_map.source) as source_count
    from identity_map
    inner join customer_records on identity_map.record_id = customer_records.record_id
    group by identity_map.profile_id

),

chosen_attributes as (

    select
        profile_id,
        {% for attribute in attributes %}
        max(case when attribute = '{{ attribute }}' then value end) as {{ attribute }},
        {% endfor %}
        count(*) as attribute_count
    from profile_attributes
    group by profile_id

),

custom_attributes as (

    select
        profile_id,
        {{ json_object_of('attribute', 'value') }} as custom_attributes
    from profile_attributes
    where
        attribute not in (
            {% for attribute in attributes %}
            '{{ attribute }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
    group by profile_id

)

select
    record_totals.profile_id,
    record_totals.first_seen_on,
    record_totals.record_count,
    record_totals.source_count,
    chosen_attributes.first_name,
    chosen_attributes.last_name,
    chosen_attributes.email,
    chosen_attributes.phone,
    cast(chosen_attributes.birth_date as date) as birth_date,
    chosen_attributes.gender,
    chosen_attributes.street,
    chosen_attributes.postcode,
    chosen_attributes.city,
    chosen_attributes.country,
    chosen_attributes.loyalty_id,
    chosen_attributes.loyalty_tier,
    chosen_attributes.income_band,
    chosen_attributes.household_size,
    chosen_attributes.home_ownership,
    chosen_attributes.marital_status,
    chosen_attributes.kids_count,
    chosen_attributes.education,
    chosen_attributes.occupation,
    custom_attributes.custom_attributes
from record_totals
left join chosen_attributes on record_totals.profile_id = chosen_attributes.profile_id
left join custom_attributes on record_totals.profile_id = custom_attributes.profile_id
