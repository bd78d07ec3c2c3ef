-- What people are like: schooling, work, and what a survey would learn about them. The same for a person
-- wherever it is told. Work follows age, schooling follows work, motives follow both: who has little time
-- looks for convenience, who has little money for the price.

-- Those of the options for which the dice fall so, or else one of them.
create macro choose_several(purpose, key, options, share) as
    coalesce(
        nullif(list_filter(options, lambda option: roll(purpose || option, key) < share), []),
        [choose(purpose, key, options)]
    );

create table characters as
with aged as (
    select
        identities.person_number,
        people.household_number,
        date_diff('year', identities.birth_date, last_day()) as age,
        households.income_band in ('100-124K', '125-149K', '150-174K', '175-199K', '200-249K', '250K+') as earns_well,
        households.kids_count in ('1', '2', '3+') as has_children
    from identities
    inner join people using (person_number)
    inner join households on people.household_number = households.household_number
),

working as (
    select
        *,
        case
            when age >= 66 then 'retired'
            when age < 24 and roll('studies', person_number) < 0.6 then 'student'
            when roll('at home', person_number) < 0.09 then choose('at home', person_number, ['homemaker', 'unemployed'])
            when coalesce(earns_well, roll('earns well', household_number) < 0.25)
                then choose('good work', person_number, ['professional', 'professional', 'manager', 'self-employed'])
            else choose('work', person_number, [
                'employee', 'employee', 'worker', 'worker', 'professional', 'self-employed', 'manager'
            ])
        end as occupation
    from aged
),

schooled as (
    select
        *,
        case
            when occupation in ('professional', 'manager')
                then choose('schooling', person_number, ['bachelor', 'bachelor', 'master', 'master', 'doctorate', 'vocational'])
            else choose('schooling', person_number, ['secondary', 'secondary', 'vocational', 'vocational', 'bachelor', 'master'])
        end as education
    from working
)

select
    person_number,
    education,
    occupation,
    choose_several(
        'interest ', person_number,
        [
            'cooking', 'fashion', 'gardening', 'health', 'home', 'outdoors', 'reading', 'sports', 'technology',
            'travel'
        ],
        0.3
    ) as interests,
    choose_several(
        'value ', person_number,
        ['achievement', 'family', 'independence', 'security', 'sustainability', 'tradition'],
        0.35
    ) as personal_values,
    case
        when occupation in ('professional', 'manager') and roll('short of time', person_number) < 0.5
            then ['convenience', 'quality']
        when has_children and roll('counts pennies', person_number) < 0.4 then ['price']
        else choose_several('motive ', person_number, ['convenience', 'price', 'quality', 'service'], 0.4)
    end as motives,
    choose_several(
        'trait ', person_number,
        ['agreeable', 'conscientious', 'extraverted', 'open', 'sensitive'],
        0.3
    ) as personality,
    choose_several(
        'lifestyle ', person_number, ['active', 'busy', 'family', 'gourmet', 'green', 'thrifty'], 0.3
    ) as lifestyles
from schooled;
