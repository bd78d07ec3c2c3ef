-- Grain: last_name. How many of identity.matching_entities have a family name. A name that is much rarer
-- than one which it resembles is a mistyped one, not a name of its own.
-- Leaves out entities without a family name.
with matching_entities as (

    select * from {{ ref('matching_entities') }}

)

select
    last_name,
    count(*) as entity_count
from matching_entities
where last_name is not null
group by last_name
