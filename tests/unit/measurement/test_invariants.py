"""The rules that asset checks watch over."""

import pytest
from ibis.backends.duckdb import Backend

from dagster_project.measurement.invariants import (
    count_broken_memberships,
    count_members_without_profile,
    count_unbalanced_metrics,
)
from dagster_project.measurement.tables import create_tables


@pytest.mark.parametrize(
    ("intervals", "broken"),
    [
        ([("2026-06-01", "2026-06-03"), ("2026-06-04", None)], 0),
        ([("2026-06-01", "2026-06-05"), ("2026-06-04", None)], 1),
        ([("2026-06-01", None), ("2026-06-04", None)], 1),
        ([("2026-06-01", "2026-06-04"), ("2026-06-04", None)], 1),
        ([("2026-06-04", "2026-06-01")], 1),
    ],
    ids=["apart", "overlapping", "two open", "touching", "backwards"],
)
def test_intervals_of_a_member_neither_overlap_nor_touch(
    warehouse: Backend, intervals: list[tuple[str, str | None]], broken: int
) -> None:
    create_tables(warehouse)
    for entered_on, exited_on in intervals:
        warehouse.con.execute(
            "insert into metrics.segment_memberships values ('champions', 'a', ?, ?)",
            [entered_on, exited_on],
        )
    assert count_broken_memberships(warehouse) == broken


def test_members_of_the_newest_day_without_a_profile_are_counted_once(warehouse: Backend) -> None:
    create_tables(warehouse)
    warehouse.con.execute(
        """
        insert into profiles.profiles values ('known', '2026-06-01');
        insert into metrics.segment_evaluations (segment, as_of) values
            ('champions', '2026-06-02'), ('at_risk', '2026-06-02'), ('dropped', '2026-06-01');
        insert into metrics.segment_memberships values
            ('champions', 'known', '2026-06-01', null),
            ('champions', 'merged', '2026-06-01', null),
            ('at_risk', 'merged', '2026-06-01', null),
            ('champions', 'left', '2026-06-01', '2026-06-02'),
            ('dropped', 'forgotten', '2026-06-01', null);
        """
    )
    assert count_members_without_profile(warehouse) == 1


@pytest.mark.parametrize(("customers_end", "unbalanced"), [(7, 0), (8, 1)])
def test_start_plus_entered_less_exited_is_the_end(
    warehouse: Backend, customers_end: int, unbalanced: int
) -> None:
    create_tables(warehouse)
    warehouse.con.execute(
        """
        insert into metrics.segment_metrics by name
        select date '2026-06-01' as as_of, 'month' as period_grain,
            date '2026-06-01' as period_start_on, 'champions' as segment, 5 as customers_start,
            ? as customers_end, 4 as entered, 2 as exited, 0 as sales, 0 as transactions
        """,
        [customers_end],
    )
    assert count_unbalanced_metrics(warehouse) == unbalanced
