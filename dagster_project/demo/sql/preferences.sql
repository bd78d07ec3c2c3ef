-- preferences/consents: what people said at the preference centre, by purpose; some change their mind.

create table subjects as
select
    person_number as record_number,
    'X' || opaque(person_number, 1274126177) as record_id,
    person_number,
    known_since + to_seconds(pick('asked', person_number, 90 * 86400)) as written_at
from memberships
where
    roll('was asked', person_number) < 0.85
    and (known_since + to_seconds(pick('asked', person_number, 90 * 86400)))::date <= last_day();

create view subject_contacts as
from written_contacts('preferences__subjects', 'subjects', 0.05, 0.4, 0.0);

create view landing.preferences__consents as
with choices as (
    select
        subjects.record_number * 8 + purposes.purpose_number as choice_key,
        subjects.record_id as subject_id,
        purposes.purpose,
        roll('consents', subjects.record_number * 8 + purposes.purpose_number) < purposes.granted_share as is_granted,
        subjects.written_at
    from subjects
    cross join (
        values (1, 'email_marketing', 0.78), (2, 'sms_marketing', 0.45), (3, 'advertising', 0.62)
    ) as purposes (purpose_number, purpose, granted_share)
),

decisions as (
    select
        *,
        1 as decision_number,
        written_at as changed_at
    from choices
    union all
    select
        * replace (not is_granted as is_granted),
        2,
        moment(
            first_day() + 1 + pick('changes mind on', choice_key, greatest(1, last_day() - first_day()))::integer,
            second_between('changes mind', choice_key, 7, 23)
        )
    from choices
    where roll('changes mind', choice_key) < 0.06
),

landed_decisions as (
    select
        *,
        choice_key * 4 + decision_number as decision_key,
        landing_day(changed_at) as landed_on
    from decisions
    where
        landing_day(changed_at) <= last_day()
        and (decision_number = 1 or changed_at::date > landing_day(written_at))
    order by landed_on, decision_key
),

entries as (
    select
        landed_decisions.*,
        subject_contacts.email,
        subject_contacts.phone,
        -- Beside the row itself, now and then an extra one that no quality gate should let through:
        -- an answer that is neither yes nor no.
        unnest(if(roll('faulty consent', decision_key * 2) < 0.001, [false, true], [false])) as is_faulty
    from landed_decisions
    inner join subject_contacts
        on landed_decisions.subject_id = subject_contacts.record_id
)

select
    landed_on,
    'K' || opaque(decision_key, 2654435761) || if(is_faulty, '-f', '') as consent_id,
    subject_id,
    email,
    phone,
    purpose,
    if(is_faulty, 'perhaps', is_granted::varchar) as is_granted,
    changed_at
from entries;
