-- Grain: consent_id. From raw.preferences__consents, typed:
-- the newest row per key, by landing day.
-- Leaves out in which file a row landed, rows that a later one replaced, and rows without a key.
with landed_rows as (

    select * from {{ source('preferences', 'consents') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('consent_id') }} is not null
    qualify {{ newest_rows([clean_text('consent_id')]) }}

)

select
    {{ clean_text('consent_id') }} as consent_id,
    {{ clean_text('subject_id') }} as subject_id,
    {{ clean_text('email') }} as email,
    {{ clean_text('phone') }} as phone,
    {{ clean_text('purpose') }} as purpose,
    cast(is_granted as boolean) as is_granted,
    cast(changed_at as timestamp) as changed_at
from newest_rows
