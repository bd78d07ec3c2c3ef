-- Grain: cluster_id. What is known of each deterministic cluster, in the form in which fuzzy matching
-- compares it: the name and birth date that most of its records state, and every address, e-mail address
-- and phone number, all normalised; first names in their full form.
-- Leaves out clusters of which nothing of that is known, blocked values, and addresses that may not link:
-- what a household shares says nothing about a person.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='cluster_number'
) }}
with deterministic_clusters as (

    select * from {{ ref('deterministic_clusters') }} {{ unresolved() }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

identifiers as (

    select * from {{ ref('identifiers') }} {{ unresolved() }}

),

first_names as (

    select * from {{ ref('first_names') }} {{ unresolved() }}

),

blocked_birth_dates as (

    select value from {{ ref('identifier_blocklist') }}
    where kind = 'birth_date'

),

-- Worked out here, once: the engine would work a text out to see that there is one, and again to have it.
comparable_records as (

    select
        record_number,
        {{ comparable_text('last_name') }} as last_name,
        cast(birth_date as {{ dbt.type_string() }}) as birth_date,
        {{ normalised_street('street') }} as street,
        {{ normalised_postcode('postcode') }} as postcode
    from customer_records
    {{ evaluated_first() }}

),

stated_values as (

    select
        record_number,
        'first_name' as attribute,
        first_name as value
    from first_names
    union all
    select
        record_number,
        'last_name' as attribute,
        last_name as value
    from comparable_records
    union all
    select
        record_number,
        'birth_date' as attribute,
        birth_date as value
    from comparable_records
    where birth_date not in (select blocked_birth_dates.value from blocked_birth_dates)
    union all
    select
        record_number,
        'address' as attribute,
        street || ', ' || postcode as value
    from comparable_records
    union all
    select
        record_number,
        'postcode' as attribute,
        postcode as value
    from comparable_records
    union all
    select
        record_number,
        kind as attribute,
        value
    from identifiers
    where kind in ('email', 'phone') and is_usable

),

values_of_clusters as (

    select
        deterministic_clusters.cluster_id,
        stated_values.attribute,
        stated_values.value,
        row_number() over (
            partition by deterministic_clusters.cluster_id, stated_values.attribute
            order by count(*) desc, stated_values.value
        ) as rank
    from stated_values
    inner join deterministic_clusters on stated_values.record_number = deterministic_clusters.record_number
    where stated_values.value is not null
    group by deterministic_clusters.cluster_id, stated_values.attribute, stated_values.value

),

entities as (

    select
        cluster_id,
        max(case when attribute = 'first_name' and rank = 1 then value end) as first_name,
        max(case when attribute = 'last_name' and rank = 1 then value end) as last_name,
        max(case when attribute = 'birth_date' and rank = 1 then value end) as birth_date,
        {{ sorted_list("case when attribute = 'address' then value end") }} as addresses,
        {{ sorted_list("case when attribute = 'postcode' then value end") }} as postcodes,
        {{ sorted_list("case when attribute = 'email' then value end") }} as emails,
        {{ sorted_list("case when attribute = 'phone' then value end") }} as phones
    from values_of_clusters
    group by cluster_id

)

select
    cluster_id,
    {{ record_number('cluster_id') }} as cluster_number,
    first_name,
    last_name,
    birth_date,
    addresses,
    postcodes,
    emails,
    phones,
    {{ dbt.hash(
        "coalesce(first_name, '') || '|' || coalesce(last_name, '') || '|' || coalesce(birth_date, '') || '|'"
        ~ " || coalesce(cast(addresses as " ~ dbt.type_string() ~ "), '') || '|'"
        ~ " || coalesce(cast(postcodes as " ~ dbt.type_string() ~ "), '') || '|'"
        ~ " || coalesce(cast(emails as " ~ dbt.type_string() ~ "), '') || '|'"
        ~ " || coalesce(cast(phones as " ~ dbt.type_string() ~ "), '')"
    ) }} as fingerprint
from entities
