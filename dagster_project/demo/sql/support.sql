-- support/tickets, surveys and survey_answers. A ticket and a survey are records of their own: the desk asks
-- who calls, each time.

create table tickets as
select
    people.person_number * 1024 + weeks.week_number as record_number,
    'T' || to_hex(hash(people.person_number, weeks.week_number, 'ticket')) as record_id,
    people.person_number,
    moment(
        first_day() + (weeks.week_number * 7 + pick('ticket day', hash(people.person_number, weeks.week_number), 7))::integer,
        second_between('ticket', hash(people.person_number, weeks.week_number), 8, 20)
    ) as written_at,
    hash(people.person_number, weeks.week_number, 'ticket') as chance_key
from people
cross join range((last_day() - first_day()) // 7 + 1) as weeks (week_number)
where
    roll('ticket', hash(people.person_number, weeks.week_number)) < 0.005
    and first_day() + (
        weeks.week_number * 7 + pick('ticket day', hash(people.person_number, weeks.week_number), 7)
    )::integer <= last_day();

create view ticket_contacts as
from written_contacts('support__tickets', 'tickets', 0.2, 0.4, 0.01);

create view landing.support__tickets as
with opened as (
    select
        tickets.record_number * 4 as sort_key,
        tickets.record_id as ticket_id,
        if(
            memberships.crm_since <= tickets.written_at and roll('customer looked up', chance_key) < 0.5,
            memberships.customer_id, null
        ) as customer_id,
        ticket_contacts.email,
        ticket_contacts.phone,
        choose('topic', chance_key, ['delivery', 'refund', 'product', 'loyalty card', 'account', 'complaint']) as topic,
        'open' as status,
        tickets.written_at as created_at,
        null::timestamp as solved_at,
        tickets.chance_key
    from tickets
    inner join ticket_contacts using (record_id)
    inner join memberships using (person_number)
),

solved as (
    select opened.* replace (
        sort_key + 1 as sort_key,
        'solved' as status,
        moment(
            created_at::date + 1 + pick('days to solve', chance_key, 9)::integer,
            second_between('solved', chance_key, 8, 18)
        ) as solved_at
    )
    from opened
    where roll('solved', chance_key) < 0.93
),

rows_of_all_kinds as (
    from opened
    union all
    from solved
    where solved_at::date <= last_day()
)

select
    coalesce(solved_at, created_at)::date as landed_on,
    * exclude (sort_key, chance_key)
from rows_of_all_kinds
order by landed_on, sort_key;

create table surveys as
select
    people.person_number * 1024 + months.month_number as record_number,
    'Q' || to_hex(hash(people.person_number, months.month_number, 'survey')) as record_id,
    people.person_number,
    moment(
        first_day()
        + (months.month_number * 30 + pick('survey day', hash(people.person_number, months.month_number), 30))::integer,
        second_between('survey', hash(people.person_number, months.month_number), 7, 23)
    ) as written_at,
    hash(people.person_number, months.month_number, 'survey') as chance_key
from people
cross join range((last_day() - first_day()) // 30 + 1) as months (month_number)
where
    roll('survey', hash(people.person_number, months.month_number)) < 0.06
    and first_day() + (
        months.month_number * 30 + pick('survey day', hash(people.person_number, months.month_number), 30)
    )::integer <= last_day();

create view survey_contacts as
from written_contacts('support__surveys', 'surveys', 0.25, 1.0, 0.0);

create view landing.support__surveys as
with answers as (
    select
        surveys.record_number * 2 as sort_key,
        surveys.record_id as survey_id,
        survey_contacts.email,
        if(
            memberships.card_since <= surveys.written_at
            and (survey_contacts.email is null or roll('gives card', chance_key) < 0.4),
            memberships.loyalty_id, null
        ) as loyalty_id,
        choose('question', chance_key, ['nps', 'nps', 'motive', 'lifestyle']) as question,
        surveys.written_at as answered_at,
        surveys.chance_key
    from surveys
    inner join survey_contacts using (record_id)
    inner join memberships using (person_number)
),

answered as (
    select
        answered_at::date as landed_on,
        sort_key,
        survey_id,
        email,
        loyalty_id,
        question,
        case question
            when 'nps'
                then greatest(0, 10 - pick('nps', chance_key, 4) - pick('nps again', chance_key, 8))::varchar
            when 'motive' then choose('motive', chance_key, ['price', 'price', 'quality', 'convenience', 'service'])
            else choose('lifestyle', chance_key, ['active', 'family', 'gourmet', 'thrifty', 'green', 'busy'])
        end as answer,
        answered_at
    from answers
),

-- Extra rows that no quality gate should let through: no id.
faulty_answers as (
    select * replace (sort_key + 1 as sort_key, null as survey_id)
    from answered
    where roll('faulty survey', sort_key) < 0.002
)

select * exclude (sort_key)
from (from answered union all from faulty_answers)
order by landed_on, sort_key;

-- Half of those who answer a survey fill in its second page too, where several answers may be ticked. They
-- tell most of what they are like, not always the same part of it.
create view landing.support__survey_answers as
with profiled as (
    select
        surveys.record_number,
        surveys.record_id as survey_id,
        surveys.written_at as answered_at,
        surveys.chance_key,
        characters.*
    from surveys
    inner join characters using (person_number)
    where roll('second page', surveys.chance_key) < 0.5
),

pages as (
    select
        *,
        unnest([
            {'question_number': 1, 'question': 'interest', 'answers': interests},
            {'question_number': 2, 'question': 'value', 'answers': personal_values},
            {'question_number': 3, 'question': 'motive', 'answers': motives},
            {'question_number': 4, 'question': 'personality', 'answers': personality},
            {'question_number': 5, 'question': 'lifestyle', 'answers': lifestyles}
        ], recursive := true)
    from profiled
),

ticks as (
    select
        *,
        generate_subscripts(answers, 1) as answer_number,
        unnest(answers) as answer
    from pages
),

told as (
    select
        *,
        question_number * 16 + answer_number as place
    from ticks
    where roll('ticks', hash(chance_key, question, answer)) < 0.9
),

entries as (
    select
        *,
        -- Beside the row itself, now and then an extra one that no quality gate should let through: to a
        -- question that nobody asked.
        unnest(if(roll('faulty answer', hash(chance_key, place)) < 0.003, [false, true], [false])) as is_faulty
    from told
)

select
    answered_at::date as landed_on,
    survey_id || '-' || place || if(is_faulty, '-f', '') as answer_id,
    survey_id,
    if(is_faulty, 'horoscope', question) as question,
    answer,
    answered_at
from entries
order by landed_on, record_number, place, is_faulty;
