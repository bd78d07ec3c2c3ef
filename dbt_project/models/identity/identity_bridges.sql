-- Grain: record_id_a, record_id_b, rule. The links that a wrong merge may hang on: without that one piece of
-- evidence a profile falls apart, and here are the two records that it holds together, how many records would
-- fall off, and how likely it is right.
-- A piece of evidence is a value that records share, not a link of its star: of a number that was given to
-- somebody else, each record that states it has a link, and none of them alone would part the two people, but
-- the number does. Its links go together here, and each part that hangs on it has a row of its own, which
-- names the link of the star that leads to it. A fuzzy link and an override are evidence each.
-- A bridge of one record is in it as well: a stray survey is the commonest wrong merge.
-- Leaves out parts that a second piece of evidence holds, and the shared value, which is personal data.
{{ config(
    materialized='incremental', incremental_strategy='replace_unresolved', unique_key='record_number_a'
) }}
with identity_edges as (

    select * from {{ ref('identity_edges') }} {{ unresolved('record_number_a') }}

),

identity_map as (

    select * from {{ ref('identity_map') }} {{ unresolved() }}

),

rules as (

    select * from {{ ref('identity_rules') }}

),

customer_records as (

    select * from {{ ref('customer_records') }} {{ unresolved() }}

),

first_names as (

    select * from {{ ref('first_names') }} {{ unresolved() }}

),

first_name_variants as (

    select * from {{ ref('first_name_variants') }}

),

blocked_birth_dates as (

    select value from {{ ref('identifier_blocklist') }}
    where kind = 'birth_date'

),

-- The engine's work is done by numbers; ids come back with the few rows that are left.
numbered_map as (

    select
        record_number,
        profile_id,
        {{ hash_number(['profile_id']) }} as profile_number
    from identity_map

),

-- A record states one value of a kind, so the centre of a star and the kind tell which value it is.
links as (

    select
        numbered_map.profile_number,
        identity_edges.record_number_a,
        identity_edges.record_number_b,
        identity_edges.rule,
        identity_edges.weight,
        case
            when rules.kind is null
                then
                    {{ hash_number([
                        'identity_edges.rule', 'identity_edges.record_number_a', 'identity_edges.record_number_b'
                    ]) }}
            else {{ hash_number(['identity_edges.rule', 'identity_edges.record_number_a']) }}
        end as link
    from identity_edges
    inner join numbered_map on identity_edges.record_number_a = numbered_map.record_number
    left join rules on identity_edges.rule = rules.kind

),

records_of_parts as (

    {{ bridges(
        'links',
        cluster='profile_number',
        link='link',
        node_a='record_number_a',
        node_b='record_number_b'
    ) }}

),

parts as (

    select
        cluster as profile_number,
        link,
        part,
        cast(count(*) as {{ dbt.type_int() }}) as record_count
    from records_of_parts
    group by cluster, link, part

),

-- What both sides state of a person beside what links them.
statements as (

    select
        record_number,
        'first_name' as attribute,
        first_name as value
    from first_names
    union all
    select
        record_number,
        'stated_first_name' as attribute,
        stated_first_name as value
    from first_names
    union all
    select
        record_number,
        'birth_date' as attribute,
        cast(birth_date as {{ dbt.type_string() }}) as value
    from customer_records
    where
        birth_date is not null
        and cast(birth_date as {{ dbt.type_string() }}) not in (
            select blocked_birth_dates.value from blocked_birth_dates
        )

),

stated_values as (

    select
        statements.record_number,
        numbered_map.profile_number,
        statements.attribute,
        statements.value
    from statements
    inner join numbered_map on statements.record_number = numbered_map.record_number
    where numbered_map.profile_number in (select parts.profile_number from parts)

),

values_of_profiles as (

    select
        profile_number,
        attribute,
        value,
        count(*) as record_count
    from stated_values
    group by profile_number, attribute, value

),

values_of_parts as (

    select
        records_of_parts.link,
        records_of_parts.part,
        stated_values.profile_number,
        stated_values.attribute,
        stated_values.value,
        count(*) as record_count
    from records_of_parts
    inner join stated_values on records_of_parts.node = stated_values.record_number
    group by
        records_of_parts.link,
        records_of_parts.part,
        stated_values.profile_number,
        stated_values.attribute,
        stated_values.value

),

attributes_of_parts as (

    select distinct
        link,
        part,
        profile_number,
        attribute
    from values_of_parts

),

values_of_others as (

    select
        attributes_of_parts.link,
        attributes_of_parts.part,
        values_of_profiles.attribute,
        values_of_profiles.value
    from attributes_of_parts
    inner join values_of_profiles
        on
            attributes_of_parts.profile_number = values_of_profiles.profile_number
            and attributes_of_parts.attribute = values_of_profiles.attribute
    left join values_of_parts
        on
            attributes_of_parts.link = values_of_parts.link
            and attributes_of_parts.part = values_of_parts.part
            and attributes_of_parts.attribute = values_of_parts.attribute
            and values_of_profiles.value = values_of_parts.value
    where values_of_profiles.record_count > coalesce(values_of_parts.record_count, 0)

),

pairs_of_values as (

    select
        values_of_parts.link,
        values_of_parts.part,
        values_of_parts.attribute,
        values_of_parts.value,
        values_of_others.value as other_value
    from values_of_parts
    inner join values_of_others
        on
            values_of_parts.link = values_of_others.link
            and values_of_parts.part = values_of_others.part
            and values_of_parts.attribute = values_of_others.attribute

),

pairs_of_names as (

    select
        value as first_name_a,
        other_value as first_name_b
    from pairs_of_values
    where attribute = 'stated_first_name' and value <> other_value

),

unlike_names as (

    {{ unlike_first_names('pairs_of_names', 'first_name_variants') }}

),

agreements as (

    select
        pairs_of_values.link,
        pairs_of_values.part,
        pairs_of_values.attribute,
        max(case when pairs_of_values.value = pairs_of_values.other_value then 1 else 0 end) as is_same,
        max(case when unlike_names.first_name_a is null then 1 else 0 end) as is_like
    from pairs_of_values
    left join unlike_names
        on
            pairs_of_values.attribute = 'stated_first_name'
            and pairs_of_values.value = unlike_names.first_name_a
            and pairs_of_values.other_value = unlike_names.first_name_b
    group by pairs_of_values.link, pairs_of_values.part, pairs_of_values.attribute

),

judged_parts as (

    select
        parts.link,
        parts.part,
        parts.record_count,
        case
            when max(case when agreements.attribute = 'first_name' then agreements.is_same end) = 1 then true
            when max(case when agreements.attribute = 'stated_first_name' then agreements.is_like end) = 0
                then false
        end as is_same_first_name,
        max(case when agreements.attribute = 'birth_date' then agreements.is_same end) = 1
            as is_same_birth_date
    from parts
    left join agreements
        on
            parts.link = agreements.link
            and parts.part = agreements.part
    group by parts.link, parts.part, parts.record_count

),

links_of_parts as (

    select * from links
    where link in (select parts.link from parts)

),

bridge_links as (

    select
        link,
        min(record_number_a) as centre,
        min(rule) as rule,
        min(weight) as weight
    from links_of_parts
    group by link

),

ends as (

    select
        link,
        centre as record_number
    from bridge_links
    union all
    select
        link,
        record_number_b as record_number
    from links_of_parts

),

-- A record of each part that states the value, and one of the rest: the centre where it is one of them.
ends_of_parts as (

    select
        ends.link,
        records_of_parts.part,
        bridge_links.centre,
        min(ends.record_number) as record_number,
        max(case when ends.record_number = bridge_links.centre then 1 else 0 end) as has_centre
    from ends
    inner join bridge_links on ends.link = bridge_links.link
    left join records_of_parts
        on
            ends.link = records_of_parts.link
            and ends.record_number = records_of_parts.node
    group by ends.link, records_of_parts.part, bridge_links.centre

),

ends_and_others as (

    select
        link,
        part,
        case when has_centre = 1 then centre else record_number end as record_number,
        case
            when has_centre = 1
                then min(case when part is null then record_number end) over (partition by link)
            else centre
        end as other_record_number
    from ends_of_parts

),

bridges as (

    select
        records.profile_id,
        records.record_id,
        records.record_number,
        others.record_id as other_record_id,
        others.record_number as other_record_number,
        bridge_links.rule,
        judged_parts.record_count,
        judged_parts.is_same_first_name,
        judged_parts.is_same_birth_date,
        bridge_links.weight,
        -- As many chances of a coincidence as records would fall off. A name that is part of the evidence
        -- is not counted twice, nor is anything that fuzzy weights know of.
        bridge_links.weight
        - log2(judged_parts.record_count)
        + case
            when bridge_links.rule = 'fuzzy' then 0
            else
                {{ var('agreement_weight') }} * (
                    case
                        when bridge_links.rule like '%_and_name' then 0
                        when judged_parts.is_same_first_name then 1
                        when not judged_parts.is_same_first_name then -1
                        else 0
                    end
                    + case judged_parts.is_same_birth_date when true then 1 when false then -1 else 0 end
                )
        end as match_weight
    from judged_parts
    inner join bridge_links on judged_parts.link = bridge_links.link
    inner join ends_and_others
        on
            judged_parts.link = ends_and_others.link
            and judged_parts.part = ends_and_others.part
    inner join identity_map as records on ends_and_others.record_number = records.record_number
    inner join identity_map as others on ends_and_others.other_record_number = others.record_number

)

select
    profile_id,
    least(record_id, other_record_id) as record_id_a,
    case when record_id < other_record_id then record_number else other_record_number end as record_number_a,
    greatest(record_id, other_record_id) as record_id_b,
    rule,
    weight,
    record_id as smaller_side_record_id,
    record_count,
    is_same_first_name,
    is_same_birth_date,
    match_weight,
    coalesce(1 / (1 + power(2, -match_weight)), 1) as match_probability
from bridges
