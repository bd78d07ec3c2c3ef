-- Grain: record_id. Who is who, by the Parquet file that a deployment names in `identity_truth` of its
-- settings: the person that each record belongs to. Empty where it names none.
-- Leaves out records that are not there. No rule reads this: it is there to score them by.
with identity_clusters as (

    select * from {{ ref('identity_clusters') }}

),

stated_people as (

    {% if var('identity_truth') %}
    select
        cast(source as {{ dbt.type_string() }}) || ':' || cast(source_record_id as {{ dbt.type_string() }})
            as record_id,
        cast(person_id as {{ dbt.type_string() }}) as person_id
    from {{ rows_of_parquet(var('identity_truth')) }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as record_id,
        cast(null as {{ dbt.type_string() }}) as person_id
    where false
    {% endif %}

)

select
    identity_clusters.record_id,
    stated_people.person_id
from stated_people
inner join identity_clusters on stated_people.record_id = identity_clusters.record_id
