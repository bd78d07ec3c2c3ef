"""Memberships: the same intervals for every order, rerun and batching of days."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from dagster_project.measurement.aliases import MergesNotFollowedError
from dagster_project.measurement.builds import SnapshotMissingError
from dagster_project.measurement.invariants import count_broken_memberships
from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.merges import follow_merges
from dagster_project.measurement.policies import MembershipPolicy
from tests.unit.measurement.histories import (
    History,
    expected_memberships,
    forget_results,
    members_by_policy,
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
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
histories = st.fixed_dictionaries(
    {
        segment: st.fixed_dictionaries(dict.fromkeys(DAYS, members))
        for segment in ("at_risk", "athletes", "champions")
    }
)


# Three segments, of which none, two or all are of one family.
families = st.sampled_from(
    [(None, None, None), ("f", "f", None), ("f", "f", "f"), (None, "f", "f")]
)
policies_of_segments = st.builds(
    lambda names, stays, ends: {
        segment: MembershipPolicy(
            minimum_days=stay,
            family=family,
            priority=None if family is None else rank,
            ends_on=end,
        )
        for rank, (segment, family, stay, end) in enumerate(
            zip(("champions", "at_risk", "athletes"), names, stays, ends, strict=True), start=1
        )
    },
    families,
    st.tuples(*[st.integers(1, 4)] * 3),
    st.tuples(*[st.sampled_from([None, None, DAYS[3]])] * 3),
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
    follow_merges(warehouse)
    for days in after:
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


@few
@given(
    history=histories,
    batches=st.lists(st.tuples(batch, policies_of_segments), min_size=1, max_size=4),
    anew=batch,
)
def test_any_order_of_days_keeps_members_by_the_policy_of_their_own_last_run(
    warehouse: Backend,
    history: History,
    batches: list[tuple[list[date], dict[str, MembershipPolicy]]],
    anew: list[date],
) -> None:
    history = with_everybody(history)
    write_snapshots(warehouse, history)
    forget_results(warehouse)
    of_days: dict[str, dict[date, MembershipPolicy]] = {segment: {} for segment in history}
    for days, policies in [*batches, (anew, batches[-1][1])]:
        refresh_memberships(warehouse, list(history), days, policies)
        for segment, policy in policies.items():
            of_days[segment] |= dict.fromkeys(days, policy)
    evaluated = {*anew, *(day for days, _ in batches for day in days)}
    members = members_by_policy(
        {segment: {day: states[day] for day in evaluated} for segment, states in history.items()},
        of_days,
    )
    pd.testing.assert_frame_equal(read_memberships(warehouse), expected_memberships(members))
    assert count_broken_memberships(warehouse) == 0


@few
@given(
    before=histories,
    after=histories,
    rebuilt=batch,
    policies=policies_of_segments,
    successors=st.sampled_from([{}, {"b": "a"}, {"a": "c"}]),
)
def test_rebuilt_days_and_merged_people_reach_as_far_as_policies_hold_members(  # noqa: PLR0917
    warehouse: Backend,
    before: History,
    after: History,
    rebuilt: list[date],
    policies: dict[str, MembershipPolicy],
    successors: dict[str, str],
) -> None:
    before, after = with_everybody(before), with_everybody(after)
    merge_profiles(warehouse, {})
    write_snapshots(warehouse, before)
    forget_results(warehouse)
    refresh_memberships(warehouse, list(before), DAYS, policies)
    merge_profiles(warehouse, successors)
    follow_merges(warehouse)
    write_snapshots(warehouse, after)
    refresh_memberships(warehouse, list(before), rebuilt, policies)
    history = {
        segment: {
            day: frozenset(
                successors.get(member, member)
                for member in (after if day in rebuilt else before)[segment][day]
            )
            for day in DAYS
        }
        for segment in before
    }
    members = members_by_policy(
        history, {segment: dict.fromkeys(DAYS, policy) for segment, policy in policies.items()}
    )
    pd.testing.assert_frame_equal(read_memberships(warehouse), expected_memberships(members))
    assert count_broken_memberships(warehouse) == 0


def test_a_member_stays_for_the_minimum_of_days_and_no_longer(warehouse: Backend) -> None:
    champions = {day: frozenset("a" if day == DAYS[1] else "") for day in DAYS}
    write_snapshots(warehouse, history_of(champions))
    stay = {"champions": MembershipPolicy(minimum_days=3)}
    refresh_memberships(warehouse, SEGMENTS, DAYS, stay)
    assert champion_intervals(warehouse) == [("a", DAYS[1], DAYS[4])]


def test_days_that_nobody_looked_at_count_for_the_minimum(warehouse: Backend) -> None:
    champions = {DAYS[0]: frozenset("a"), DAYS[5]: frozenset[str]()}
    write_snapshots(warehouse, history_of(champions))
    stay = {"champions": MembershipPolicy(minimum_days=5)}
    refresh_memberships(warehouse, SEGMENTS, [DAYS[0], DAYS[5]], stay)
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[5])]


def test_nobody_stays_past_the_end_of_a_segment(warehouse: Backend) -> None:
    champions = {day: frozenset("a" if day <= DAYS[2] else "") for day in DAYS}
    write_snapshots(warehouse, history_of(champions))
    until = {"champions": MembershipPolicy(minimum_days=7, ends_on=DAYS[2])}
    refresh_memberships(warehouse, SEGMENTS, DAYS, until)
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[3])]


def test_of_a_family_the_best_segment_that_holds_a_person_has_it(warehouse: Backend) -> None:
    history = {
        "all_customers": dict.fromkeys(DAYS[:3], EVERYBODY),
        "champions": {DAYS[0]: frozenset("a"), DAYS[1]: frozenset[str](), DAYS[2]: frozenset("b")},
        "at_risk": dict.fromkeys(DAYS[:3], frozenset("ab")),
    }
    write_snapshots(warehouse, history)
    policies = {
        "champions": MembershipPolicy(minimum_days=2, family="value", priority=1),
        "at_risk": MembershipPolicy(family="value", priority=2),
    }
    refresh_memberships(warehouse, list(history), DAYS[:3], policies)
    held = read_memberships(warehouse)
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[2]), ("b", DAYS[2], None)]
    assert [tuple(row)[1:] for row in held[held["segment"] == "at_risk"].to_numpy()] == [
        ("a", DAYS[2], None),
        ("b", DAYS[0], DAYS[2]),
    ]


def test_a_new_policy_changes_the_days_that_are_run_again_and_no_other(warehouse: Backend) -> None:
    champions = {day: frozenset("a" if day in DAYS[:2] else "") for day in DAYS[:5]}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, DAYS[:4])
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[2])]
    stay = {"champions": MembershipPolicy(minimum_days=4)}
    refresh_memberships(warehouse, SEGMENTS, [DAYS[4]], stay)
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[2]), ("a", DAYS[4], None)]
    refresh_memberships(warehouse, SEGMENTS, DAYS[2:4], stay)
    assert champion_intervals(warehouse) == [("a", DAYS[0], None)]


def test_memberships_from_before_there_were_policies_are_taken_for_what_rules_named(
    warehouse: Backend,
) -> None:
    champions = {day: frozenset("a" if day == DAYS[0] else "") for day in DAYS[:3]}
    write_snapshots(warehouse, history_of(champions))
    refresh_memberships(warehouse, SEGMENTS, DAYS[:2])
    warehouse.con.execute(
        """
        drop table metrics.segment_rule_memberships;
        alter table metrics.segment_evaluations drop minimum_days;
        alter table metrics.segment_evaluations drop family;
        alter table metrics.segment_evaluations drop priority;
        """
    )
    stay = {"champions": MembershipPolicy(minimum_days=3)}
    refresh_memberships(warehouse, SEGMENTS, [DAYS[2]], stay)
    assert champion_intervals(warehouse) == [("a", DAYS[0], DAYS[1]), ("a", DAYS[2], None)]


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


def test_a_day_is_not_refreshed_while_past_days_do_not_follow_a_merge(warehouse: Backend) -> None:
    write_snapshots(warehouse, history_of(dict.fromkeys(DAYS[:2], frozenset("ab"))))
    refresh_memberships(warehouse, SEGMENTS, [DAYS[0]])
    merge_profiles(warehouse, {"b": "a"})
    before = read_memberships(warehouse)
    with pytest.raises(MergesNotFollowedError, match="names 1 id of profiles that were merged"):
        refresh_memberships(warehouse, SEGMENTS, [DAYS[1]])
    pd.testing.assert_frame_equal(read_memberships(warehouse), before)
    follow_merges(warehouse)
    refresh_memberships(warehouse, SEGMENTS, [DAYS[1]])
    assert champion_intervals(warehouse) == [("a", DAYS[0], None)]


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
