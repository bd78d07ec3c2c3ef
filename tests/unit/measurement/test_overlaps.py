"""Overlaps of segments: those of sets of people, for every order of days."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.overlaps import refresh_segment_overlaps
from dagster_project.measurement.policies import MembershipPolicy
from dagster_project.measurement.report import overlaps_as_markdown
from tests.unit.measurement.histories import History, forget_results, write_snapshots

DAYS = [date(2026, 7, 1) + timedelta(days=offset) for offset in range(4)]
EVERYBODY = frozenset("abcdef")

members = st.frozensets(st.sampled_from(sorted(EVERYBODY)))
snapshots = st.fixed_dictionaries(dict.fromkeys(DAYS, members))


def overlaps(warehouse: Backend) -> list[tuple]:
    return warehouse.con.execute("from metrics.segment_overlaps order by all").fetchall()


def expected_overlaps(history: History) -> list[tuple]:
    return sorted(
        (
            day,
            segment,
            other,
            len(history[segment][day]),
            len(history[other][day]),
            len(shared),
            pytest.approx(len(shared) / len(history[segment][day])),
            pytest.approx(
                len(shared)
                * len(EVERYBODY)
                / (len(history[segment][day]) * len(history[other][day]))
            ),
        )
        for day in DAYS
        for segment in history
        for other in history
        if "all_customers" not in (segment, other)
        and segment != other
        and (shared := history[segment][day] & history[other][day])
    )


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    athletes=snapshots, champions=snapshots, at_risk=snapshots, order_of_days=st.permutations(DAYS)
)
def test_any_order_of_days_gives_the_overlaps_of_the_sets(
    warehouse: Backend, athletes, champions, at_risk, order_of_days
):
    history = {
        "all_customers": dict.fromkeys(DAYS, EVERYBODY),
        "athletes": athletes,
        "champions": champions,
        "at_risk": at_risk,
    }
    write_snapshots(warehouse, history)
    forget_results(warehouse)
    for day in order_of_days:
        refresh_memberships(warehouse, list(history), [day])
        refresh_segment_overlaps(warehouse, [day])
    assert overlaps(warehouse) == expected_overlaps(history)


def test_whoever_is_held_in_a_segment_counts_on_the_later_days(warehouse: Backend):
    first, second = DAYS[:2]
    history = {
        "all_customers": dict.fromkeys((first, second), EVERYBODY),
        "athletes": {first: frozenset("a"), second: frozenset()},
        "champions": dict.fromkeys((first, second), frozenset("a")),
    }
    write_snapshots(warehouse, history)
    stays = {"athletes": MembershipPolicy(minimum_days=2)}
    for day in (second, first):
        refresh_memberships(warehouse, list(history), [day], stays)
        refresh_segment_overlaps(warehouse, [day])
    assert [(row[0], row[1]) for row in overlaps(warehouse)] == [
        (first, "athletes"),
        (first, "champions"),
        (second, "athletes"),
        (second, "champions"),
    ]


def test_the_report_shows_the_pairs_that_are_most_alike_first(warehouse: Backend):
    day = DAYS[0]
    history = {
        "all_customers": {day: EVERYBODY},
        "at_risk": {day: frozenset("abcd")},
        "athletes": {day: frozenset("ab")},
        "champions": {day: frozenset("abe")},
    }
    write_snapshots(warehouse, history)
    refresh_memberships(warehouse, list(history), [day])
    refresh_segment_overlaps(warehouse, [day])
    assert overlaps_as_markdown(warehouse, most=2).splitlines() == [
        "2026-07-01:",
        "",
        "| segment | other segment | customers | others | shared | lift |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| athletes | champions | 2 | 3 | 2 | 2.0 |",
        "| at_risk | athletes | 4 | 2 | 2 | 1.5 |",
    ]
    forget_results(warehouse)
    assert overlaps_as_markdown(warehouse) == "No two segments share anybody."
