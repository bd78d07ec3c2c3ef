-- Grain: record_number. The records that a run resolves for the sake of fuzzy links alone: those of a link
-- that is new, gone or of another weight, with their neighbourhoods. One of its two clusters may be as it
-- was, and both are where the parameters have changed or the clusters have doubled in number. They join
-- identity.unresolved_records. Empty once a run has come to its end.
-- Leaves out records that are in there already, but for those that a run left here which stopped halfway.
{{ config(
    post_hook="
        insert into {{ ref('unresolved_records') }} (record_number)
        select record_number from {{ this }}
        where record_number not in (select resolving.record_number from {{ ref('unresolved_records') }} as resolving)
    "
) }}
with fuzzy_links as (

    select record_id_a, record_id_b, weight from {{ ref('fuzzy_links') }}

),

held_fuzzy_links as (

    select record_id_a, record_id_b, weight
    from {{ held_edges() }}
    where rule = 'fuzzy'
    union all
    select record_id_a, record_id_b, weight
    from {{ held_rejected_links() }}
    where rule = 'fuzzy'

),

unresolved_records as (

    select * from {{ ref('unresolved_records') }}

),

links_gone as (

    select record_id_a, record_id_b, weight from held_fuzzy_links
    except
    select record_id_a, record_id_b, weight from fuzzy_links

),

links_come as (

    select record_id_a, record_id_b, weight from fuzzy_links
    except
    select record_id_a, record_id_b, weight from held_fuzzy_links

),

linked_records as (

    select {{ record_number('record_id_a') }} as record_number from links_gone
    union
    select {{ record_number('record_id_b') }} as record_number from links_gone
    union
    select {{ record_number('record_id_a') }} as record_number from links_come
    union
    select {{ record_number('record_id_b') }} as record_number from links_come

),

reached_records as (

    {{ neighbours_of('linked_records') }}

)

select reached_records.record_number
from reached_records
where reached_records.record_number not in (select unresolved_records.record_number from unresolved_records)
union
select record_number from {{ held_records_behind_fuzzy_links() }}
