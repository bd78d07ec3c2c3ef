"""Merges of profiles: past days become what they would be, had they been counted afterwards."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from dagster_project.measurement.aliases import MergesNotFollowedError
from dagster_project.measurement.invariants import count_broken_memberships
from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.merges import follow_merges
from dagster_project.measurement.overlaps import refresh_segment_overlaps
from dagster_project.measurement.period_metrics import refresh_segment_metrics
from dagster_project.measurement.policies import MembershipPolicy
from tests.unit.measurement.histories import (
    History,
    forget_results,
    merge_profiles,
    write_orders,
    write_snapshots,
)

# Sunday 28 June is the day before a week, Tuesday 30 June the day before a month and a quarter.
DAYS = [date(2026, 6, 28) + timedelta(days=offset) for offset in range(6)]
SUNDAY, MONDAY, JUNE_ENDS, JULY_FIRST, JULY_SECOND, JULY_THIRD = DAYS
EVERYBODY = "abcd"
SEGMENTS = ("all_customers", "at_risk", "athletes", "champions")
TABLES = {
    "segment_rule_memberships": ["segment", "profile_id", "entered_on"],
    "segment_memberships": ["segment", "profile_id", "entered_on"],
    "segment_metrics": ["as_of", "period_grain", "segment"],
    "segment_overlaps": ["as_of", "segment", "other_segment"],
}

Order = tuple[str | None, date, float]
Batch = tuple[list[str], list[date], Mapping[str, MembershipPolicy]]
"""Segments and days that are run together, and the policies of that run."""

members = st.frozensets(st.sampled_from(EVERYBODY))
orders_of_people = st.lists(
    st.tuples(
        st.sampled_from([*EVERYBODY, None]),
        st.sampled_from([*DAYS, date(2026, 4, 1), date(2026, 3, 31)]),
        st.integers(0, 9900).map(lambda cents: cents / 100),
    ),
    max_size=12,
)
policies = st.builds(
    lambda families, stays: {
        segment: MembershipPolicy(
            minimum_days=stay, family=family, priority=None if family is None else rank
        )
        for rank, (segment, family, stay) in enumerate(
            zip(SEGMENTS[1:], families, stays, strict=True)
        )
    },
    st.sampled_from([(None, None, None), ("f", "f", None), ("f", "f", "f")]),
    st.tuples(*[st.integers(1, 4)] * 3),
)
# All of a family are evaluated together.
batches = st.lists(
    st.tuples(
        st.sampled_from([list(SEGMENTS), list(SEGMENTS), list(SEGMENTS[1:])]),
        st.lists(st.sampled_from(DAYS), min_size=1, max_size=5),
        policies,
    ),
    min_size=1,
    max_size=3,
)


def measure(warehouse: Backend, batches: Sequence[Batch]) -> None:
    for segments, days, declared in batches:
        refresh_memberships(warehouse, segments, days, declared)
        refresh_segment_metrics(warehouse, days)
        refresh_segment_overlaps(warehouse, days)


def measured(warehouse: Backend) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: warehouse.con.execute(f"from metrics.{table} order by {', '.join(key)}").fetchall()
        for table, key in TABLES.items()
    }


def metric(warehouse: Backend, name: str, segment: str, as_of: date) -> float | None:
    """A metric of the month up to a day."""
    row = warehouse.con.execute(
        f"""
        select {name} from metrics.segment_metrics
        where segment = ? and as_of = ? and period_grain = 'month'
        """,
        [segment, as_of],
    ).fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])


# Few examples, and no search for a smaller one that fails: each takes seconds.
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    history=st.fixed_dictionaries(
        {
            # As it should be, or as it should not.
            "all_customers": st.just(dict.fromkeys(DAYS, frozenset(EVERYBODY)))
            | st.fixed_dictionaries(dict.fromkeys(DAYS, members)),
            **dict.fromkeys(SEGMENTS[1:], st.fixed_dictionaries(dict.fromkeys(DAYS, members))),
        }
    ),
    orders=orders_of_people,
    batches=batches,
    merges=st.sampled_from(
        [
            [{"b": "a"}],
            [{"a": "c"}],
            [{"b": "a", "d": "c"}],
            [{"b": "a", "c": "a"}],
            [{"b": "a", "c": "a", "d": "a"}],
            [{"b": "a"}, {"a": "c", "b": "c"}],
            [{"b": "a"}, {"b": "a", "c": "a"}],
        ]
    ),
    follows_each=st.booleans(),
)
def test_following_merges_gives_what_computing_all_days_afterwards_gives(  # noqa: PLR0917
    warehouse: Backend,
    history: History,
    orders: Sequence[Order],
    batches: Sequence[Batch],
    merges: Sequence[Mapping[str, str]],
    follows_each: bool,
) -> None:
    write_snapshots(warehouse, history)
    write_orders(warehouse, orders)
    forget_results(warehouse)
    measure(warehouse, batches)
    for successors in merges:
        merge_profiles(warehouse, successors)
        if follows_each:
            follow_merges(warehouse)
    follow_merges(warehouse)
    followed = measured(warehouse)
    assert count_broken_memberships(warehouse) == 0
    assert follow_merges(warehouse) == 0
    assert measured(warehouse) == followed
    forget_results(warehouse)
    measure(warehouse, batches)
    assert followed == measured(warehouse)


@pytest.fixture
def june(warehouse: Backend) -> Backend:
    """Champions a and b at the end of June, b and c on 1 July; c and d are athletes on both."""
    days = (JUNE_ENDS, JULY_FIRST)
    history = {
        "all_customers": dict.fromkeys(days, frozenset(EVERYBODY)),
        "at_risk": dict.fromkeys(days, frozenset[str]()),
        "athletes": dict.fromkeys(days, frozenset("cd")),
        "champions": {JUNE_ENDS: frozenset("ab"), JULY_FIRST: frozenset("bc")},
    }
    write_snapshots(warehouse, history)
    write_orders(
        warehouse,
        [
            ("a", JULY_FIRST, 10.0),
            ("b", JULY_FIRST, 20.0),
            ("c", JULY_FIRST, 30.0),
            ("d", JULY_FIRST, 40.0),
        ],
    )
    measure(warehouse, [(list(history), list(days), {})])
    return warehouse


def overlaps_on(warehouse: Backend, day: date) -> list[tuple[object, ...]]:
    return warehouse.con.execute(
        """
        select customers, other_customers, shared_customers, shared_share, lift
        from metrics.segment_overlaps where segment = 'athletes' and as_of = ?
        """,
        [day],
    ).fetchall()


def test_two_who_were_members_and_turn_out_to_be_one_count_once(june: Backend) -> None:
    merge_profiles(june, {"b": "a"})
    assert follow_merges(june) == 1
    assert metric(june, "customers_end", "champions", JUNE_ENDS) == 1
    assert metric(june, "customers_end", "all_customers", JUNE_ENDS) == 3
    assert metric(june, "retention_rate", "champions", JULY_FIRST) == 1
    assert metric(june, "customer_share", "athletes", JULY_FIRST) == pytest.approx(2 / 3)


def test_of_two_of_whom_one_was_a_member_the_sales_of_the_other_count_as_well(
    june: Backend,
) -> None:
    assert metric(june, "sales", "champions", JULY_FIRST) == 50
    merge_profiles(june, {"d": "c"})
    follow_merges(june)
    assert metric(june, "sales", "champions", JULY_FIRST) == 90
    assert metric(june, "transactions", "champions", JULY_FIRST) == 3
    assert metric(june, "sales_share", "champions", JULY_FIRST) == pytest.approx(0.9)
    assert metric(june, "sales", "all_customers", JULY_FIRST) == 100


def test_a_pair_that_comes_to_share_somebody_gets_a_row_and_one_that_shares_nobody_has_none(
    june: Backend,
) -> None:
    assert overlaps_on(june, JUNE_ENDS) == []
    merge_profiles(june, {"a": "d"})
    follow_merges(june)
    assert overlaps_on(june, JUNE_ENDS) == [(2, 2, 1, 0.5, 0.75)]
    june.con.execute("update metrics.segment_evaluations set family = 'f', priority = 1")
    june.con.execute(
        "update metrics.segment_evaluations set priority = 2 where segment = 'athletes'"
    )
    merge_profiles(june, {"a": "b", "d": "b", "c": "b"})
    follow_merges(june)
    assert [*overlaps_on(june, JUNE_ENDS), *overlaps_on(june, JULY_FIRST)] == []


def test_lift_follows_merges_of_people_whom_the_pair_does_not_share(june: Backend) -> None:
    assert overlaps_on(june, JULY_FIRST) == [(2, 2, 1, 0.5, 1.0)]
    merge_profiles(june, {"b": "a"})
    follow_merges(june)
    assert overlaps_on(june, JULY_FIRST) == [(2, 2, 1, 0.5, 0.75)]


def test_a_start_that_is_not_known_stays_unknown(june: Backend) -> None:
    merge_profiles(june, {"b": "a"})
    follow_merges(june)
    unknown = ["customers_start", "entered", "exited", "retained", "retention_rate"]
    assert [metric(june, name, "champions", JUNE_ENDS) for name in unknown] == [None] * 5


def test_a_record_counts_for_the_profile_that_it_was_in_before_the_merge(june: Backend) -> None:
    # A second record of d was moved to b before the two turned out to be one.
    june.con.execute(
        """
        insert into conformed.orders values ('later', 'loyalty__members:1', '2026-07-01', 100);
        insert into identity.identity_map
        values ('loyalty__members', '1', 'loyalty__members:1', 'b');
        insert into identity.identity_history values
            ('loyalty__members:1', 1, 'd', null), ('loyalty__members:1', 2, 'b', 'd');
        """
    )
    measure(june, [(["champions"], [JULY_FIRST], {})])
    assert metric(june, "sales", "champions", JULY_FIRST) == 150
    merge_profiles(june, {"d": "b"})
    follow_merges(june)
    assert metric(june, "sales", "champions", JULY_FIRST) == 190


def test_a_period_of_which_other_orders_are_known_by_now_is_counted_anew(june: Backend) -> None:
    june.con.execute(
        "insert into conformed.orders values ('late', 'crm__customers:d', '2026-07-01', 1000)"
    )
    merge_profiles(june, {"d": "b"})
    follow_merges(june)
    assert metric(june, "sales", "champions", JULY_FIRST) == 1090
    assert metric(june, "sales", "all_customers", JULY_FIRST) == 1100
    followed = measured(june)
    forget_results(june)
    measure(june, [(list(SEGMENTS), [JUNE_ENDS, JULY_FIRST], {})])
    assert measured(june) == followed


def test_overlaps_that_a_run_has_not_got_to_are_counted_in_full(june: Backend) -> None:
    june.con.execute("delete from metrics.segment_overlaps")
    merge_profiles(june, {"d": "b"})
    follow_merges(june)
    assert overlaps_on(june, JULY_FIRST) == [(2, 2, 2, 1.0, 1.5)]


def test_days_that_were_not_measured_stay_so(warehouse: Backend) -> None:
    history = {segment: {JUNE_ENDS: frozenset("ab")} for segment in SEGMENTS}
    write_snapshots(warehouse, history)
    refresh_memberships(warehouse, list(history), [JUNE_ENDS])
    merge_profiles(warehouse, {"b": "a"})
    follow_merges(warehouse)
    tables = measured(warehouse)
    assert (tables["segment_metrics"], tables["segment_overlaps"]) == ([], [])
    assert len(tables["segment_memberships"]) == 4


def test_a_warehouse_in_which_nothing_was_measured_yet_has_nothing_to_follow(
    warehouse: Backend,
) -> None:
    merge_profiles(warehouse, {"b": "a"})
    assert follow_merges(warehouse) == 0


def test_nothing_is_counted_while_a_merge_is_not_followed(june: Backend) -> None:
    merge_profiles(june, {"b": "a"})
    before = measured(june)
    with pytest.raises(MergesNotFollowedError):
        refresh_segment_metrics(june, [JULY_FIRST])
    with pytest.raises(MergesNotFollowedError):
        refresh_segment_overlaps(june, [JULY_FIRST])
    assert measured(june) == before


def test_a_failure_while_writing_leaves_all_tables_as_they_were(
    june: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = measured(june)
    merge_profiles(june, {"b": "a"})
    insert = type(june).insert

    def break_at_overlaps(self: Backend, name: str, *args: object, **options: object) -> None:
        if name == "segment_overlaps":
            raise OSError("the disk is full")
        insert(self, name, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(type(june), "insert", break_at_overlaps)
        with pytest.raises(OSError, match="the disk is full"):
            follow_merges(june)
    assert measured(june) == before
    assert follow_merges(june) == 1
