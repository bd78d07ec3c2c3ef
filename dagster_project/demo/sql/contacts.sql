-- A person's contact data as one record of one system has it: missing, shared, nicknamed, mistyped, junk.
-- The macros name their arguments often, so give them columns, not expressions: each is pasted in.

-- A letter lost, doubled or swapped with the next one; chance is a large number that says which, and where.
create macro typo_at(written, chance) as
    (chance % greatest(length(written) - 2, 1)::ubigint)::bigint;

create macro with_typo(written, chance) as
    left(written, 1 + typo_at(written, chance))
    || case chance // 1000 % 3
        when 0 then substr(written, 3 + typo_at(written, chance))
        when 1 then substr(written, 1 + typo_at(written, chance), 1) || substr(written, 2 + typo_at(written, chance))
        else substr(written, 3 + typo_at(written, chance), 1)
            || substr(written, 2 + typo_at(written, chance), 1)
            || substr(written, 4 + typo_at(written, chance))
    end;

create macro name_as_written(name, draw, chance) as
    case
        when draw < 0.02 then with_typo(name, chance)
        when draw < 0.06 then upper(name)
        when draw < 0.10 then lower(name)
        when draw < 0.12 then name || ' '
        else name
    end;

create macro email_as_written(address, draw, chance) as
    case
        when draw < 0.03 then replace(address, '@', '+shop@')
        when draw < 0.05 then replace(address, '@', '+offers@')
        when draw < 0.08 then upper(address)
        when draw < 0.11 then upper(left(address, 1)) || substr(address, 2)
        when draw < 0.12 then ' ' || address
        when draw < 0.13 then with_typo(address, chance)
        else address
    end;

create macro phone_as_written(digits, style) as
    case style
        when 0 then '(' || digits[1:3] || ') ' || digits[4:6] || '-' || digits[7:10]
        when 1 then digits[1:3] || '-' || digits[4:6] || '-' || digits[7:10]
        when 2 then digits[1:3] || '.' || digits[4:6] || '.' || digits[7:10]
        when 3 then '1 ' || digits[1:3] || ' ' || digits[4:6] || ' ' || digits[7:10]
        when 4 then digits
        else '+1' || digits
    end;

-- The table named by entities needs record_id, person_number and written_at.
create macro written_contacts(source, entities, missing_email, missing_phone, junk_share) as table
with entity_keys as (
    select
        record_id,
        person_number,
        written_at,
        hash(source || ':' || record_id) as contact_key
    from query_table(entities)
),

draws as (
    select
        *,
        hash(hash(contact_key, 'typo', seed())) as typo_chance,
        roll('first name', contact_key) as first_name_draw,
        roll('last name', contact_key) as last_name_draw,
        roll('e-mail', contact_key) as email_draw,
        roll('e-mail style', contact_key) as email_style_draw,
        roll('which e-mail', contact_key) as which_email_draw,
        roll('phone', contact_key) as phone_draw,
        pick('phone style', contact_key, 8) as phone_style,
        roll('birth date', contact_key) as birth_date_draw
    from entity_keys
),

-- Which of their names, addresses and numbers people give.
given as (
    select
        draws.*,
        if(
            identities.nickname is not null and roll('nickname', draws.contact_key) < 0.12,
            identities.nickname, identities.first_name
        ) as first_name,
        identities.last_name,
        case
            when identities.shared_email is not null and draws.which_email_draw < 0.5
                then identities.shared_email
            when draws.which_email_draw >= 0.8 then coalesce(identities.other_email, identities.email)
            else identities.email
        end as email,
        if(
            identities.shared_phone is not null and roll('which phone', draws.contact_key) < 0.4,
            identities.shared_phone, identities.phone
        ) as phone,
        identities.birth_date,
        if(draws.written_at::date >= identities.moves_on, new_street, street) as street,
        if(draws.written_at::date >= identities.moves_on, new_postcode, postcode) as postcode,
        if(draws.written_at::date >= identities.moves_on, new_city, city) as city
    from draws
    inner join identities using (person_number)
)

select
    record_id,
    contact_key,
    name_as_written(first_name, first_name_draw, typo_chance) as first_name,
    name_as_written(last_name, last_name_draw, typo_chance) as last_name,
    case
        when email_draw < missing_email then null
        when email_draw < missing_email + junk_share
            then if(contact_key % 3 = 0, 'NONE@NONE.COM', 'none@none.com')
        else email_as_written(email, email_style_draw, typo_chance)
    end as email,
    case
        when phone_draw < missing_phone then null
        when phone_draw < missing_phone + junk_share
            then if(contact_key % 3 = 0, '000-000-0000', '0000000000')
        else phone_as_written(phone, phone_style)
    end as phone,
    case
        when birth_date_draw < 0.01 then date '1900-01-01'
        when birth_date_draw < 0.02 and day(birth_date) <= 12
            then make_date(year(birth_date), day(birth_date), month(birth_date))
        when birth_date_draw < 0.65 then birth_date
    end as birth_date,
    street,
    postcode,
    city
from given;
