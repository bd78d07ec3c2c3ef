-- Who is who: the person behind every record that reached the landing folder. Not for the pipeline.
-- A tablet that two people share counts as its owner's, the first adult's.

create table truth as
with landed_records as (
    select 'crm__customers' as source, record_id, person_number from crm_customers
    union all
    select 'ecommerce__accounts', record_id, person_number from accounts
    union all
    select 'ecommerce__orders', record_id, person_number from guest_orders
    union all
    select 'store__receipts', 'R' || basket_label, person_number
    from baskets
    where has_e_receipt and loyalty_id is null
    union all
    select 'loyalty__members', record_id, person_number from members
    union all
    select 'web__devices', device_id, person_number
    from devices
    where device_id in (select device_id from web_sessions)
    union all
    select 'email__subscribers', record_id, person_number
    from subscribers
    where record_id in (select subscriber_id from mailings)
    union all
    select 'fitness__users', record_id, person_number from fitness_users
    union all
    select 'support__tickets', record_id, person_number from tickets
    union all
    select 'support__surveys', record_id, person_number from surveys
    union all
    select 'preferences__subjects', record_id, person_number from subjects
)

select
    source,
    record_id as source_record_id,
    person_id(person_number) as person_id
from landed_records;
