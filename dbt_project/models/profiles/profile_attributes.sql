{{ refuse_malformed_profile_rules(
    ref('profile_attribute_rules'), ref('source_priorities'), ref('customer_records')
) }}
-- Grain: profile_id, attribute. Which record won each attribute of a profile, and by which rule of the
-- seed profile_attribute_rules. Attributes of one group come from one record: the one that states most of
-- them, then by their rule. Whatever is equal is decided by the latest change, the latest first trace and
-- the record's id, in this order, so that it comes out the same every time.
-- Identifiers are the admitted ones of identity.identifiers, e-mail and phone as one writes to them. An
-- e-mail address that bounced wins only where every other one bounced too.
-- Leaves out empty values, which never win, junk (blocked values and values that are not valid), and
-- columns of customer_records that the seed does not name.
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

identity_rules as (

    select * from {{ ref('identity_rules') }}

),

attribute_rules as (

    select * from {{ ref('profile_attribute_rules') }}

),

source_priorities as (

    select * from {{ ref('source_priorities') }}

),

bounces as (

    select * from {{ ref('bounces') }}

),

values_of_records as (

    {{ unpivoted('customer_records', 'record_id') }}

),

stated_values as (

    select
        values_of_records.record_id,
        values_of_records.attribute,
        values_of_records.value
    from values_of_records
    inner join attribute_rules on values_of_records.attribute = attribute_rules.attribute
    left join identity_rules on values_of_records.attribute = identity_rules.kind
    where identity_rules.kind is null and trim(values_of_records.value) <> ''

),

values_to_judge as (

    select distinct
        attribute as kind,
        value
    from stated_values

),

blocked_values as (

    {{ blocked_values('values_to_judge', 'blocklist') }}

),

admitted_values as (

    select
        stated_values.record_id,
        stated_values.attribute,
        stated_values.value
    from stated_values
    left join blocked_values
        on
            stated_values.attribute = blocked_values.kind
            and stated_values.value = blocked_values.value
    where blocked_values.value is null
    union all
    select
        record_id,
        kind as attribute,
        coalesce(contact_value, value) as value
    from identifiers
    where
        value is not null
        and (rejection_reason is null or rejection_reason = 'shared in a household')

),

bounced_values as (

    select distinct
        'email' as attribute,
        {{ contact_email('email') }} as value
    from bounces

),

candidate_values as (

    select
        identity_map.profile_id,
        admitted_values.record_id,
        admitted_values.attribute,
        admitted_values.value,
        coalesce(attribute_rules.attribute_group, attribute_rules.attribute) as attribute_group,
        attribute_rules.rule,
        case when bounced_values.value is null then 0 else 1 end as bounce_count
    from admitted_values
    inner join attribute_rules on admitted_values.attribute = attribute_rules.attribute
    inner join identity_map on admitted_values.record_id = identity_map.record_id
    left join bounced_values
        on
            admitted_values.attribute = bounced_values.attribute
            and admitted_values.value = bounced_values.value

),

-- What a record offers for a group of attributes; an attribute without a group is one of its own.
candidates as (

    select
        profile_id,
        attribute_group,
        rule,
        record_id,
        count(*) as value_count,
        max(bounce_count) as bounce_count,
        cast(sum(length(value)) as bigint) as text_length
    from candidate_values
    group by profile_id, attribute_group, rule, record_id

),

-- Apart from the others, since comparing what whole groups say is the costly part.
statements_to_count as (

    select
        profile_id,
        attribute_group,
        record_id,
        {{ dbt.listagg("attribute || '=' || lower(trim(value))", "', '", "order by attribute") }} as statement
    from candidate_values
    where rule = 'most_frequent'
    group by profile_id, attribute_group, record_id

),

frequencies as (

    select
        profile_id,
        attribute_group,
        record_id,
        count(*) over (partition by profile_id, attribute_group, statement) as record_count
    from statements_to_count

),

ranked_candidates as (

    select
        candidates.profile_id,
        candidates.attribute_group,
        candidates.record_id,
        candidates.rule,
        customer_records.source,
        customer_records.updated_at as recorded_at,
        row_number() over (
            partition by candidates.profile_id, candidates.attribute_group
            order by
                candidates.bounce_count,
                candidates.value_count desc,
                case candidates.rule
                    when 'most_frequent' then -frequencies.record_count
                    when 'longest' then -candidates.text_length
                    -- A source without a place in the order comes after all that have one.
                    when 'source_order' then coalesce(source_priorities.priority, 1000000)
                end,
                case when customer_records.updated_at is null then 1 else 0 end,
                customer_records.updated_at desc,
                customer_records.first_seen_at desc,
                candidates.record_id
        ) as place
    from candidates
    inner join customer_records on candidates.record_id = customer_records.record_id
    left join frequencies
        on
            candidates.profile_id = frequencies.profile_id
            and candidates.attribute_group = frequencies.attribute_group
            and candidates.record_id = frequencies.record_id
    left join source_priorities
        on
            candidates.attribute_group = source_priorities.attribute_group
            and customer_records.source = source_priorities.source

)

select
    candidate_values.profile_id,
    candidate_values.attribute,
    candidate_values.value,
    candidate_values.record_id,
    ranked_candidates.source,
    ranked_candidates.rule,
    ranked_candidates.recorded_at
from candidate_values
inner join ranked_candidates
    on
        candidate_values.profile_id = ranked_candidates.profile_id
        and candidate_values.attribute_group = ranked_candidates.attribute_group
        and candidate_values.record_id = ranked_candidates.record_id
where ranked_candidates.place = 1
