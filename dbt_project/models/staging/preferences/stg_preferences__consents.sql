-- Grain: consent_id. From raw.preferences__consents, typed:
-- the newest row per key, by landing day. A statement cannot be later than its landing day; one that
-- claims to be comes from a clock that is ahead, and a grant must not beat the refusals after it: a
-- refusal counts from the end of that day, a grant only from its beginning.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('preferences', 'consents') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('consent_id') }} is not null
    qualify {{ newest_rows([clean_text('consent_id')]) }}

),

bounded_rows as (

    select
        *,
        cast(_landed_on as timestamp) as landed_from,
        cast({{ dbt.dateadd('day', 1, '_landed_on') }} as timestamp) as landed_before
    from newest_rows

)

select
    {{ clean_text('consent_id') }} as consent_id,
    {{ clean_text('subject_id') }} as subject_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    lower({{ clean_text('purpose') }}) as purpose,
    cast(is_granted as boolean) as is_granted,
    case
        when cast(changed_at as timestamp) < landed_before then cast(changed_at as timestamp)
        when cast(is_granted as boolean) then landed_from
        else landed_before
    end as changed_at
from bounded_rows
