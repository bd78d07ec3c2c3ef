-- Grain: record_number. The records that are not as they were when they were last resolved, with what they
-- are like now: new ones, changed ones, and those that are gone, which have no fingerprint. All of them where
-- the rules have changed, since these are part of every fingerprint, and in a full refresh. Empty once a run
-- has come to its end.
-- What a run left unresolved that stopped halfway counts as changed.
-- Leaves out whoever was only stated anew: the fingerprint of customer_records does not count `updated_at`.
-- Comes first in its stage, so rules that cannot be followed stop the run here.
{{ refuse_malformed_identity_rules(ref('identity_rules'), ref('identifier_blocklist')) }}
with customer_records as (

    select * from {{ ref('customer_records') }}

),

identity_rules as (

    select * from {{ ref('identity_rules') }}

),

identity_overrides as (

    select * from {{ ref('identity_overrides') }}

),

identifier_blocklist as (

    select * from {{ ref('identifier_blocklist') }}

),

first_name_variants as (

    select * from {{ ref('first_name_variants') }}

),

held_resolutions as (

    select
        record_number,
        fingerprint
    from {{ held_resolutions() }}

),

left_unresolved as (

    select record_number from {{ held_unresolved_records() }}
    union
    select record_number from {{ held_changed_records() }}

),

records_before as (

    -- Both: of somebody who made one of the two by hand, the other one knows what was there.
    select record_number from {{ held_map() }}
    union all
    -- Read once more, as the records below: the engine holds a CTE that is read twice as a whole.
    select record_number from {{ held_resolutions() }}
    union all
    select record_number from left_unresolved

),

-- The rows that the stage reads: a seed's file may say something else by now.
hashed_rules as (

    {% for seed in ['identity_rules', 'identity_overrides', 'identifier_blocklist', 'first_name_variants'] -%}
    select {{ row_hash(seed, seed) }} as row_hash from {{ seed }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

rules as (

    select
        {{ hash_number([
            rules_fingerprint(), 'cast(bit_xor(row_hash) as ' ~ dbt.type_string() ~ ')'
        ]) }} as fingerprint
    from hashed_rules

),

fingerprints as (

    select
        customer_records.record_number,
        -- Neither is negative, so that no difference is too large.
        customer_records.fingerprint - rules.fingerprint as fingerprint
    from customer_records
    cross join rules

)

select
    fingerprints.record_number,
    fingerprints.fingerprint
from fingerprints
left join held_resolutions on fingerprints.record_number = held_resolutions.record_number
where
    held_resolutions.fingerprint is null
    or fingerprints.fingerprint <> held_resolutions.fingerprint
    or fingerprints.record_number in (select left_unresolved.record_number from left_unresolved)
    or {{ should_full_refresh() }}
union all
select distinct
    record_number,
    null as fingerprint
from records_before
where
    record_number not in (select present.record_number from {{ ref('customer_records') }} as present)
