"""What segments ask about behaviour: a sentence means what it says, or is refused with a reason."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import pytest

from tests.integration.segments.project import (
    DAY,
    PRODUCTS,
    Activity,
    SegmentsProject,
    segments_project,
)

pytestmark = pytest.mark.xdist_group("segments")

PEOPLE = [f"p{number}" for number in range(60)]
_TYPES = ("add_to_cart", "purchase", "order", "workout")
LONG_AGO = datetime.combine(date(2026, 1, 1), time(12))
Done = Sequence[Activity]


def what_people_did() -> list[Activity]:
    """Draw, for each person, what they did in the 20 days before the day, on it, and after it."""
    draw = random.Random(4)
    activities = []
    for person in PEOPLE:
        for _ in range(draw.randint(0, 8)):
            activity = draw.choice(_TYPES)
            on = DAY - timedelta(days=draw.randint(-1, 20))
            activities.append(
                Activity(
                    person,
                    activity,
                    datetime.combine(on, time(draw.randint(0, 23), draw.randint(0, 59))),
                    draw.choice(list(PRODUCTS))
                    if activity in {"add_to_cart", "purchase"}
                    else None,
                    draw.randint(1, 3),
                    draw.randint(1, 9) * 10.0 if activity in {"purchase", "order"} else 0.0,
                    draw.randint(10, 60) * 60 if activity == "workout" else 0,
                )
            )
    # Of a redemption the day is known: before a click's, the same, or after; one never redeemed.
    clicked_at = datetime.combine(DAY - timedelta(3), time(10))
    for person, days_later in zip(PEOPLE, (-1, 0, 1, None), strict=False):
        activities.append(Activity(person, "email_clicked", clicked_at))
        if days_later is not None:
            redeemed_on = clicked_at.date() + timedelta(days_later)
            activities.append(Activity(person, "redemption", datetime.combine(redeemed_on, time())))
    return activities


def of(done: Done, types: str, days: int, *products: str) -> Done:
    """Choose what was done of these types, with these products, within these days."""
    return [
        one
        for one in done
        if one.activity in types.split()
        and DAY - timedelta(days=days) < one.at.date() <= DAY
        and (not products or one.product in products)
    ]


def last(done: Done) -> datetime:
    return max((one.at for one in done), default=LONG_AGO)


CASES: dict[str, tuple[str, Callable[[Done], bool]]] = {
    "once": (
        "{{ did('order', within_days=7) }}",
        lambda done: len(of(done, "order", 7)) >= 1,
    ),
    "never": (
        "{{ did_not('order', within_days=7) }}",
        lambda done: not of(done, "order", 7),
    ),
    "twice_of_either": (
        "{{ did(['workout', 'order'], at_least=2, within_days=14) }}",
        lambda done: len(of(done, "order workout", 14)) >= 2,
    ),
    "not_twice": (
        "{{ did_not('workout', at_least=2, within_days=14) }}",
        lambda done: len(of(done, "workout", 14)) < 2,
    ),
    "on_few_days": (
        "{{ did('add_to_cart', at_most=1, of='days', within_days=14) }}",
        lambda done: len({one.at.date() for one in of(done, "add_to_cart", 14)}) == 1,
    ),
    "different_products": (
        "{{ did('purchase', at_least=2, of='products', within_days=20) }}",
        lambda done: len({one.product for one in of(done, "purchase", 20)}) >= 2,
    ),
    "much_money": (
        "{{ did('purchase', at_least=60.5, of='sales_amount', within_days=14) }}",
        lambda done: sum(one.sales_amount for one in of(done, "purchase", 14)) >= 60.5,
    ),
    "some_units": (
        "{{ did('purchase', at_least=2, at_most=4, of='quantity', within_days=14) }}",
        lambda done: 2 <= sum(one.quantity for one in of(done, "purchase", 14)) <= 4,
    ),
    "long_workouts": (
        "{{ did('workout', at_least=3000, of='duration_seconds', within_days=14) }}",
        lambda done: sum(one.duration_seconds for one in of(done, "workout", 14)) >= 3000,
    ),
    "food": (
        "{{ did('purchase', within_days=20, department='FOOD') }}",
        lambda done: bool(of(done, "purchase", 20, "bread", "tea")),
    ),
    "own_food_or_shoes": (
        "{{ did('purchase', within_days=20, department=['SHOES', 'FOOD'], brand='own') }}",
        lambda done: bool(of(done, "purchase", 20, "bread", "boots")),
    ),
    "no_tea": (
        "{{ did_not(['purchase', 'add_to_cart'], within_days=9, product='tea', brand='other') }}",
        lambda done: not of(done, "purchase add_to_cart", 9, "tea"),
    ),
    "left_the_cart": (
        "{{ did_then_not('add_to_cart', ['order', 'purchase'], within_days=10) }}",
        lambda done: (
            bool(of(done, "add_to_cart", 10))
            and last(of(done, "order purchase", 10)) < last(of(done, "add_to_cart", 10))
        ),
    ),
    "ordered_later": (
        "{{ did_then('add_to_cart', 'order', within_days=20) }}",
        lambda done: any(
            one.at < other.at
            for one in of(done, "add_to_cart", 20)
            for other in of(done, "order", 20)
        ),
    ),
    "put_and_bought_boots": (
        "{{ did_then('add_to_cart', 'purchase', within_days=20, product='boots') }}",
        lambda done: any(
            one.at < other.at
            for one in of(done, "add_to_cart", 20, "boots")
            for other in of(done, "purchase", 20, "boots")
        ),
    ),
    "clicked_only": (
        "{{ did_then_not('email_clicked', ['redemption'], within_days=10) }}",
        lambda done: (
            bool(of(done, "email_clicked", 10))
            and last(of(done, "redemption", 10)).date() < last(of(done, "email_clicked", 10)).date()
        ),
    ),
    "clicked_and_redeemed": (
        "{{ did_then('email_clicked', 'redemption', within_days=10) }}",
        lambda done: any(
            one.at.date() <= other.at.date()
            for one in of(done, "email_clicked", 10)
            for other in of(done, "redemption", 10)
        ),
    ),
    "redeemed_only": (
        "{{ did_then_not('redemption', 'email_clicked', within_days=10) }}",
        lambda done: (
            bool(of(done, "redemption", 10))
            and last(of(done, "email_clicked", 10)).date() < last(of(done, "redemption", 10)).date()
        ),
    ),
    "nested": (
        (
            "order_count > 20 and ({{ did('order', within_days=7) }}\n"
            "    or not ({{ did('workout', within_days=7) }} or {{ in_segment('much_money') }}))"
        ),
        lambda done: (
            int(done[0].profile[1:]) > 20
            and (
                bool(of(done, "order", 7))
                or not (
                    bool(of(done, "workout", 7))
                    or sum(one.sales_amount for one in of(done, "purchase", 14)) >= 60.5
                )
            )
            if done
            else False
        ),
    ),
    "others": (
        "{{ not_in_segment('food') }}",
        lambda done: not of(done, "purchase", 20, "bread", "tea"),
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SegmentsProject:
    # Everybody has done something, long ago: a person's deeds tell who it is.
    before = [Activity(person, "session", LONG_AGO) for person in PEOPLE]
    made = segments_project(
        tmp_path_factory.mktemp("segments"), PEOPLE, [*before, *what_people_did()]
    )
    made.write_segments({name: condition for name, (condition, _) in CASES.items()})
    succeeded, output = made.build("profile_behaviours", "path:models/segments/cases")
    assert succeeded, output
    return made


@pytest.mark.parametrize("name", CASES)
def test_a_condition_means_what_it_says(project: SegmentsProject, name: str) -> None:
    deeds = [Activity(person, "session", LONG_AGO) for person in PEOPLE]
    deeds += what_people_did()
    _, is_member = CASES[name]
    expected = {
        person for person in PEOPLE if is_member([one for one in deeds if one.profile == person])
    }
    assert project.members(name) == expected
    assert 0 < len(expected) < len(PEOPLE)


def test_segments_that_ask_the_same_ask_once(project: SegmentsProject) -> None:
    asked = project.rows(
        "select count(*), count(distinct behaviour) from features.profile_behaviours "
        "where profile_id = '(everybody)' and behaviour = 'order within 7 days'"
    )
    assert asked == [(1, 1)]


def test_no_condition_is_a_subquery_per_person_and_activity_is_scanned_for_all_together(
    project: SegmentsProject,
) -> None:
    run = project.home.dbt / "run" / "customer_segmentation" / "models"
    nested = next((run / "segments" / "cases" / "nested").iterdir()).read_text()
    query = nested[
        nested.index("select profile_id, as_of\nfrom") : nested.rindex(") as model_subq")
    ]
    (plan,) = [text for kind, text in project.rows(f"explain {query}") if kind == "physical_plan"]
    assert "DELIM" not in plan
    assert "MARK" in plan
    (answers,) = (run / "features" / "profile_behaviours").iterdir()
    # Once for all behaviours that ask about products, and once for all others.
    assert answers.read_text().count('"conformed"."daily_activity"') == 2


def test_a_day_that_was_built_before_a_behaviour_was_asked_about_is_refused(
    project: SegmentsProject,
) -> None:
    project.write_segments({"eager": "{{ did('workout', within_days=3) }}"})
    succeeded, output = project.build("eager")
    assert not succeeded
    assert (
        "eager asks who did 'workout within 3 days', but features.profile_behaviours was built for "
        "2026-11-20 before any segment asked that, or never. Materialize "
        "features/profile_behaviours for this day, then segments/eager." in output
    )
    assert project.build("profile_behaviours", "eager")[0]
    assert project.members("eager")


def test_a_behaviour_that_nobody_did_is_no_missing_one(project: SegmentsProject) -> None:
    project.write_segments({"hiker": "{{ did('social_share', within_days=3) }}"})
    succeeded, output = project.build("profile_behaviours", "hiker")
    assert succeeded, output
    assert project.members("hiker") == set()


def test_what_cannot_be_meant_is_refused_while_the_segment_is_built(
    project: SegmentsProject,
) -> None:
    project.write_segments(
        {
            "typo": "{{ did('workuot', within_days=3) }}",
            "coffee_orders": "{{ did_not('order', within_days=3, category='COFFEE') }}",
            "twice": "{{ did(['order', 'purchase'], of='sales_amount', within_days=3) }}",
            "no_segment": "{{ in_segment('profile_features') }}",
            "no_bread": "{{ did_not('purchase', within_days=90, category=['BAKRY', 'DRINKS']) }}",
            "no_winter_food": (
                "{{ did_not('purchase', within_days=9, category='WINTER', department='FOOD') }}"
            ),
            "unbuilt": "{{ not_in_segment('typo') }}",
        }
    )
    succeeded, output = project.build(
        *("profile_behaviours", "typo", "coffee_orders", "twice", "no_segment"),
        *("no_bread", "no_winter_food"),
    )
    assert not succeeded
    for sentence in (
        (
            "typo asks who did 'workuot', but no such activity is declared for "
            "conformed.daily_activity. There are add_to_cart, "
        ),
        (
            "coffee_orders asks about 'order of category COFFEE within 3 days', but nothing is "
            "known of products of 'order'. It is of purchase, return, "
        ),
        (
            "twice asks about 'order or purchase within 3 days', but an order's sales are those of "
            "its purchases: name one of them."
        ),
        (
            "no_segment asks who is in the segment profile_features, "
            "but features.profile_features is no segment."
        ),
        (
            "no_bread asks about 'purchase of category BAKRY or DRINKS within 90 days', but no "
            "product has the category 'BAKRY' (near it are: BAKERY). Correct "
            "models/segments/cases/no_bread.sql, or take the segment out."
        ),
        (
            "no_winter_food asks about 'purchase of category WINTER of department FOOD within 9 "
            "days', but no product is all of that at once."
        ),
    ):
        assert sentence in output
    succeeded, output = project.build("unbuilt")
    assert not succeeded
    assert (
        "unbuilt asks who is in the segment typo, which was not built for 2026-11-20. Materialize "
        "segments/typo for this day, then segments/unbuilt." in output
    )


NONSENSE = {
    "did('order', at_least=0, within_days=3)": "at_least=0 makes no sense. Write a number above",
    "did('order', at_least='3', within_days=3)": "at_least=3 makes no sense. Write a number above",
    "did('order', at_least=1.5, within_days=3)": "times are whole numbers, and at_least=1.5 is",
    "did('order', at_least=3, at_most=2, within_days=3)": "nothing is at least 3 and at most 2.",
    "did_not('order', at_least=4, of='days', within_days=3)": "there are no 4 days in that.",
    "did_not('order', within_days=0)": "within_days=0 is no number of days. Write a whole number",
    "did_not('order', within_days=-1)": "within_days=-1 is no number of days.",
    "did_not('order', within_days='7')": "within_days=7 is no number of days.",
    "did('order')": "within_days=None is no number of days.",
    "did('order', of='visits', within_days=3)": "of='visits' is nothing that is counted. Write",
    "did('order', withn_days=3, within_days=3)": "it takes no argument withn_days. Products are",
    "did([], within_days=3)": "the activity is no text: []. Write a name in quotes, or a list",
    "did(order, within_days=3)": "the activity is no text: . Write a name in quotes, or a list",
    "did_not('purchase', within_days=3, category=[])": "but category is no text: []. Write a name",
    "did_not('purchase', within_days=3, category=7)": "but category is no text: 7. Write a name",
    "did_then('order', 3, within_days=3)": "the activity is no text: 3. Write a name in quotes",
    "did_then('order', 'order', within_days=3)": "'order' is both what was done first and what",
    "did_then_not(['a', 'order'], 'order', within_days=3)": "'order' is both what was done first",
    "has_any('motives', [])": "calls has_any, but what to look for is no text: []. Write a name",
    "has_any('motives', ['a', 3])": "calls has_any, but what to look for is no text: ['a', 3].",
    "has_any(motives, 'quality')": "calls has_any, but its first argument is no name of a column.",
    "has_all(motives, 'quality')": "calls has_all, but its first argument is no name of a column.",
    "has_all('motives', [])": "calls has_all, but what to look for is no text: []. Write a name",
    "has_all('motives', 7)": "calls has_all, but what to look for is no text: 7. Write a name in",
    "in_segment(['gold'])": "calls in_segment(['gold']). Write the name of a segment in quotes.",
    "not_in_segment('golf')": "depends on a node named 'golf' which was not found",
    "not_listed_in('')": "calls not_listed_in(). Write the name of a list in quotes.",
}


@pytest.fixture(scope="module")
def refusals(project: SegmentsProject) -> Mapping[str, str]:
    said = project.compile_each([f"select {{{{ {condition} }}}}" for condition in NONSENSE])
    return dict(zip(NONSENSE, said, strict=True))


@pytest.mark.parametrize("condition", NONSENSE)
def test_nonsense_is_refused_with_what_to_do(refusals: Mapping[str, str], condition: str) -> None:
    assert NONSENSE[condition] in refusals[condition]


def test_a_text_to_look_for_in_a_list_is_one_text(project: SegmentsProject) -> None:
    texts = ("'ab'", "['ab']")
    calls = [f"has_{how}('motives', {text})" for how in ("any", "all") for text in texts]
    any_text, any_list, all_text, all_list = project.compile_each(
        [f"select {{{{ {call} }}}}" for call in calls]
    )
    assert any_text == any_list == "select list_has_any(motives, ['ab'])"
    assert all_text == all_list == "select (list_has_any(motives, ['ab']))"


def test_what_is_refused_names_the_segment_and_its_file(project: SegmentsProject) -> None:
    project.write_segments({"nonsense": "{{ did('order') }}"})
    succeeded, output = project.dbt("parse")
    assert not succeeded
    assert "Error in model nonsense (models/segments/cases/nonsense.sql)" in output
    assert "nonsense calls did('order' …), but within_days=None is no number of days." in output


def test_segments_that_name_each_other_are_a_cycle(project: SegmentsProject) -> None:
    project.write_segments({"hen": "{{ in_segment('egg') }}", "egg": "{{ not_in_segment('hen') }}"})
    succeeded, output = project.dbt("ls")
    assert not succeeded
    assert "Found a cycle: model.customer_segmentation." in output
    assert "customer_segmentation.egg" in output
