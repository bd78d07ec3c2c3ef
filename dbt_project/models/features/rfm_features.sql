-- Grain: profile_id, as_of. Recency, frequency and monetary value of the 365 days that end with the day, as
-- scores among those who ordered in them, and the named group that the scores fall into.
-- Leaves out, by nulls, whoever did not order in these days: life_cycle_features says where they are.
{% set bins = rfm_bins() -%}
with purchase_features as (

    select * from {{ ref('purchase_features') }}

),

rfm_groups as (

    select * from {{ ref('rfm_groups') }}

),

purchases as (

    select
        profile_id,
        case when order_count_365d > 0 then last_order_on end as scored_order_on,
        nullif(order_count_365d, 0) as scored_order_count,
        case when order_count_365d > 0 then sales_amount_365d end as scored_sales_amount,
        as_of
    from purchase_features

),

scores as (

    select
        profile_id,
        {{ score('scored_order_on', bins=bins) }} as recency_score,
        {{ score('scored_order_count', bins=bins) }} as frequency_score,
        {{ score('scored_sales_amount', bins=bins) }} as monetary_score,
        -- Among fewer people than there are bins, nobody is much better or worse than the others.
        count(scored_order_on) over () >= {{ bins }} as is_comparable,
        as_of
    from purchases

)

select
    scores.profile_id,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    scores.recency_score + scores.frequency_score + scores.monetary_score as rfm_score,
    cast(scores.recency_score as {{ dbt.type_string() }})
    || '-' || cast(scores.frequency_score as {{ dbt.type_string() }})
    || '-' || cast(scores.monetary_score as {{ dbt.type_string() }}) as rfm_cell,
    rfm_groups.rfm_group,
    scores.as_of
from scores
left join rfm_groups
    on
        {{ fifth_of('scores.recency_score', bins) }} = rfm_groups.recency_fifth
        and {{ fifth_of('(scores.frequency_score + scores.monetary_score) / 2.0', bins) }}
        = rfm_groups.value_fifth
        and scores.is_comparable
