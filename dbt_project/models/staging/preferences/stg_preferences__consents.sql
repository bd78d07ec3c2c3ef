-- Grain: consent_id. From raw.preferences__consents, typed:
-- the newest row per key, by landing day and place in the file.
-- Leaves out in which file a row landed, and rows that a later one replaced.
with landed_rows as (

    select * from {{ source('preferences', 'consents') }}

),

newest_rows as (

    select *
    from landed_rows
    qualify {{ newest_rows(['consent_id']) }}

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
