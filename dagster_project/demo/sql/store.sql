-- store/receipts and receipt_items: the real baskets that were bought in a store.

create table e_receipts as
select
    basket_key as record_number,
    'R' || basket_label as record_id,
    person_number,
    purchased_at as written_at
from baskets
where has_e_receipt;

create view e_receipt_contacts as
from written_contacts('store__receipts', 'e_receipts', 0.0, 1.0, 0.0);

create view landing.store__receipts as
with printed_receipts as (
    select
        *,
        'R' || basket_label as receipt_id,
        -- Beside the row itself, now and then an extra one that no quality gate should let through.
        unnest(if(roll('faulty receipt', chance_key) < 0.0005, [false, true], [false])) as is_faulty
    from baskets
    where not is_online
)

select
    printed_receipts.purchased_at::date as landed_on,
    if(is_faulty, null, printed_receipts.receipt_id) as receipt_id,
    printed_receipts.store_id::varchar as store_id,
    printed_receipts.loyalty_id,
    e_receipt_contacts.email,
    printed_receipts.purchased_at
from printed_receipts
left join e_receipt_contacts
    on printed_receipts.receipt_id = e_receipt_contacts.record_id;

create view landing.store__receipt_items as
with receipts as (
    select
        basket_id,
        purchased_at::date as landed_on,
        'R' || basket_label as receipt_id,
        -- Beside the receipt, now and then an extra line that no quality gate should let through: of none.
        unnest(if(roll('faulty receipt line', chance_key) < 0.003, [false, true], [false])) as is_faulty
    from baskets
    where not is_online
),

printed_lines as (
    select
        basket_id,
        false as is_faulty,
        lines
    from basket_lines
    union all
    select
        basket_id,
        true,
        lines[:1]
    from basket_lines
)

select
    receipts.landed_on,
    if(receipts.is_faulty, null, receipts.receipt_id) as receipt_id,
    generate_subscripts(printed_lines.lines, 1) as line_number,
    unnest(printed_lines.lines, recursive := true)
from receipts
inner join printed_lines using (basket_id, is_faulty);
