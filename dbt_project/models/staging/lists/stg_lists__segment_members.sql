-- Grain: list_name, member. From raw.lists__segment_members, typed:
-- the rows of the newest file.
-- Leaves out in which file a row landed, and rows without a key.
with landed_rows as (

    select * from {{ source('lists', 'segment_members') }}

),

newest_rows as (

    select *
    from landed_rows
    where {{ clean_text('list_name') }} is not null and {{ clean_text('member') }} is not null
    qualify {{ newest_rows([clean_text('list_name'), clean_text('member')]) }}

)

select
    {{ clean_text('list_name') }} as list_name,
    {{ clean_text('member') }} as member
from newest_rows
