"""Memberships: the same intervals for every order, rerun and batching of days."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from dagster_project.measurement.builds import SnapshotMissingError
from dagster_project.measurement.invariants import count_broken_memberships
from dagster_project.measurement.memberships import refresh_memberships
from tests.unit.measurement.histories import (
    History,
    expected_memberships,
    forget_results,
    merge_profiles,
    read_memberships,
    write_snapshots,
)

MONDAY = date(2026, 6, 1)
DAYS = [MONDAY + timedelta(days=offset) for offset in range(7)]
SEGMENTS = ["all_customers", "champions"]
EVERYBODY = frozenset("abc")

members = st.frozensets(st.sampled_from(sorted(EVERYBODY)))
batch = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4)


def history_of(champions: dict[date, frozenset[str]]) -> dict[str, dict[date, frozenset[str]]]:
    return {"all_customers": dict.fromkeys(champions, EVERYBODY), "champions": champions}


def champion_intervals(warehouse: Backend) -> list[tuple[object, ...]]:
    rows = read_memberships(warehouse)
    champions = rows[rows["segment"] == "champions"].drop(columns="segment")
    return [tuple(row) for row in champions.itertuples(index=False)]


# Ibis takes a fraction of a second to compile a refresh, so there are few examples, each with the
# histories of several segments, and no search for a smaller one that fails.
few = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
histories = st.fixed_dictionaries(
    {
        segment: st.fixed_dictionaries(dict.fromkeys(DAYS, members))
        for segment in ("at_risk", "athletes", "champions")
    }
)


def with_everybody(history: History) -> History:
    return {"all_customers": dict.fromkeys(DAYS, EVERYBODY), **history}


@few
@given(history=histories, batches=st.lists(batch, min_size=1, max_size=4))
def test_any_order_of_days_gives_the_intervals_of_a_full_computation(
    warehouse: Backend, history: History, batches: list[list[date]]
) -> None:
    history = with_everybody(history)
    write_snapshots(warehouse, history)
    forget_results(warehouse)
    for days in batches:
        refresh_memberships(warehouse, list(history), days)
    evaluated = {day for days in batches for day in days}
    expected = expected_memberships(
        {segment: {day: states[day] for day in evaluated} for segment, states in history.items()}
    )
    pd.testing.assert_frame_equal(read_memberships(warehouse), expected)
    assert count_broken_memberships(warehouse) == 0


@few
@given(before=histories, after=histories, rebuilt=st.lists(batch, min_size=1, max_size=3))
def test_days_that_were_built_anew_replace_what_they_said_before(
    warehouse: Backend, before: History, after: History, rebuilt: list[list[date]]
) -> None:
    before, after = with_everybody(before), with_everybody(after)
    write_snapshots(warehouse, before)
    forget_results(warehouse)
    refresh_memberships(warehouse, list(before), DAYS)
    write_snapshots(warehouse, after)
    for days in rebuilt:
        refresh_memberships(warehouse, list(before), days)
    anew = {day for days in rebuilt for day in days}
    expected = expected_memberships(
        {
            segment: {day: (after if day in anew else before)[segment][day] for day in DAYS}
            for segment in before
        }
    )
    pd.testing.assert_frame_equal(read_memberships(warehouse), expected)


@few
@given(
    history=histories,
    before=batch,
    after=st.lists(batch, max_size=2),
    successors=st.sampled_from([{"b": "a"}, {"a": "c"}, {"a": "b", "c": "b"}]),
)
def test_whoever_was_merged_is_one_person_on_every_day(
    warehouse: Backend,
    history: History,
    before: list[date],
    after: list[list[date]],
    successors: dict[str, str],
) -> None:
    history = with_everybody(history)
    write_snapshots(warehouse, history)
    forget_results(warehouse)
    merge_profiles(warehouse, {})
    refresh_memberships(warehouse, list(history), before)
    merge_profiles(warehouse, successors)
    for days in after or [[]]:
        refresh_memberships(warehouse, list(history), days)
    evaluated = {*before, *(day for days in after for day in days)}
    expected = expected_memberships(
        {
            segment: {
                day: frozenset(successors.get(member, member) for member in states[day])
                for day in evaluated
            }
            for segment, states in history.items()
        }
    )
    pd.testing.assert_frame_equal(read_memberships(warehouse), expected)
    assert count_broken_memberships(warehouse) == 0


def test_a_late_day_splits_the_membership_that_spanned_it(warehouse: Backend) -> None:
    champions = {DAYS[0]: frozenset("a"), DAYS[1]: frozenset[str](), DAYS[2]: frozenset("a")}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, [DAYS[0], DAYS[2]])
    assert champion_intervals(warehouse) == [("a", DAYS[0], None)]
    refresh_memberships(warehouse, SEGMENTS, [DAYS[1]])
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[1]), ("a", DAYS[2], None)]


def test_a_member_exits_on_the_next_evaluated_day(warehouse: Backend) -> None:
    champions = {DAYS[0]: frozenset("a"), DAYS[4]: frozenset[str]()}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, [DAYS[4]])
    refresh_memberships(warehouse, SEGMENTS, [DAYS[0]])
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[4])]


def test_days_whose_snapshots_were_pruned_stay_accounted_for(warehouse: Backend) -> None:
    champions = {day: frozenset("a" if day != DAYS[1] else "b") for day in DAYS[:4]}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, DAYS[:3])
    for segment in SEGMENTS:
        warehouse.con.execute(f"delete from segments.{segment} where as_of < ?", [DAYS[3]])
    refresh_memberships(warehouse, SEGMENTS, [DAYS[3]])
    assert champion_intervals(warehouse) == [
        ("a", DAYS[0], DAYS[1]),
        ("a", DAYS[2], None),
        ("b", DAYS[1], DAYS[2]),
    ]


def test_a_second_refresh_writes_nothing(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of(dict.fromkeys(DAYS, frozenset("ab"))))
    first = refresh_memberships(warehouse, SEGMENTS, DAYS)
    second = refresh_memberships(warehouse, SEGMENTS, DAYS)
    assert (first.added, first.intervals, first.current_members) == (5, 5, 5)
    assert (second.added, second.removed, second.intervals) == (0, 0, 5)


def test_a_segment_that_is_new_accounts_for_its_own_days_only(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of(dict.fromkeys(DAYS, frozenset("a"))))
    refresh_memberships(warehouse, ["all_customers"], DAYS[:2])
    refresh_memberships(warehouse, SEGMENTS, [DAYS[2]])
    evaluations = warehouse.con.execute(
        "select segment, count(*) from metrics.segment_evaluations group by segment order by all"
    ).fetchall()
    assert evaluations == [("all_customers", 3), ("champions", 1)]
    assert champion_intervals(warehouse) == [("a", DAYS[2], None)]


def test_a_day_that_was_never_built_is_named_and_nothing_changes(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of({DAYS[0]: frozenset("a")}))
    with pytest.raises(
        SnapshotMissingError,
        match=r"customers \(like 1 further segment\) was not built for 2026-06-02\. Materialize",
    ):
        refresh_memberships(warehouse, SEGMENTS, DAYS[:2])
    assert read_memberships(warehouse).empty


def test_a_segment_that_was_not_built_on_a_day_of_the_others_is_not_taken_for_empty(
    warehouse: Backend,
) -> None:
    history = history_of(dict.fromkeys(DAYS[:2], frozenset("a")))
    write_snapshots(warehouse, {**history, "champions": {DAYS[0]: frozenset("a")}})
    with pytest.raises(SnapshotMissingError, match=r"champions was not built for 2026-06-02\."):
        refresh_memberships(warehouse, SEGMENTS, DAYS[:2])


def test_a_day_on_which_a_segment_was_built_and_is_empty_is_evaluated(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of({DAYS[0]: frozenset(), DAYS[1]: frozenset("a")}))
    refresh_memberships(warehouse, SEGMENTS, DAYS[:2])
    evaluated = warehouse.con.execute(
        "select as_of from metrics.segment_evaluations where segment = 'champions' order by all"
    ).fetchall()
    assert evaluated == [(day,) for day in DAYS[:2]]
    assert champion_intervals(warehouse) == [("a", DAYS[1], None)]


def test_a_snapshot_that_was_pruned_is_not_taken_for_empty(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of(dict.fromkeys(DAYS[:2], frozenset("a"))))
    refresh_memberships(warehouse, SEGMENTS, DAYS[:2])
    warehouse.con.execute("delete from segments.champions where as_of = ?", [DAYS[0]])
    with pytest.raises(SnapshotMissingError, match="does not hold the members any more"):
        refresh_memberships(warehouse, SEGMENTS, DAYS[:2])
    assert champion_intervals(warehouse) == [("a", DAYS[0], None)]


def test_a_segment_that_was_never_built_is_named(warehouse: Backend) -> None:
    with pytest.raises(SnapshotMissingError, match=r"no table segments\.runners\."):
        refresh_memberships(warehouse, ["runners"], [MONDAY])


def test_a_failure_while_writing_leaves_intervals_and_evaluations_as_they_were(
    warehouse: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    champions = {DAYS[0]: frozenset("a"), DAYS[1]: frozenset("b")}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, [DAYS[0]])
    before = read_memberships(warehouse)
    insert = type(warehouse).insert

    def break_at_evaluations(self: Backend, name: str, *args: object, **options: object) -> None:
        if name == "segment_evaluations":
            raise OSError("the disk is full")
        insert(self, name, *args, **options)

    monkeypatch.setattr(type(warehouse), "insert", break_at_evaluations)
    with pytest.raises(OSError, match="the disk is full"):
        refresh_memberships(warehouse, SEGMENTS, [DAYS[1]])
    pd.testing.assert_frame_equal(read_memberships(warehouse), before)
