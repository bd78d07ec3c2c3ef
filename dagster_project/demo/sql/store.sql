-- store/receipts and receipt_items: the real baskets that were bought in a store.

create table e_receipts as
select
    basket_key as record_number,
    'R' || basket_label as record_id,
    person_number,
    purchased_at as written_at
from basket_traces
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
    from basket_traces
    where not is_online
)

select
    printed_receipts.purchased_at::date as landed_on,
    printed_receipts.basket_key * 2 + is_faulty::integer as sort_key,
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
        purchased_at::date as landed_on,
        basket_key,
        basket_id,
        'R' || basket_label as receipt_id,
        false as is_faulty
    from basket_traces
    where not is_online
    union all
    -- Extra rows that no quality gate should let through: a line of no receipt.
    select
        purchased_at::date,
        basket_key,
        basket_id,
        null,
        true
    from basket_traces
    where not is_online and roll('faulty receipt line', chance_key) < 0.003
)

select
    receipts.landed_on,
    -- The last line number of a basket is far below 512, so that half of the keys is free.
    receipts.basket_key * 1024 + shifted_lines.line_number + if(is_faulty, 512, 0) as sort_key,
    receipts.receipt_id,
    shifted_lines.line_number,
    shifted_lines.product_id,
    shifted_lines.quantity,
    shifted_lines.sales_amount,
    shifted_lines.retail_discount,
    shifted_lines.coupon_discount,
    shifted_lines.coupon_match_discount
from receipts
inner join shifted_lines
    on receipts.basket_id = shifted_lines.basket_id
    and (not receipts.is_faulty or shifted_lines.line_number = 1);
