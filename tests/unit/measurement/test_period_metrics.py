"""Metrics by period: equal to a computation from sets of people, for every order of days."""

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from dagster_project.measurement.invariants import count_unbalanced_metrics
from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.period_metrics import refresh_segment_metrics
from tests.unit.measurement.histories import (
    History,
    expected_metrics,
    forget_results,
    read_metrics,
    write_orders,
    write_snapshots,
)

# Sunday 28 June is the day before a week, Tuesday 30 June the day before a month and a quarter.
DAYS = [date(2026, 6, 28) + timedelta(days=offset) for offset in range(6)]
SUNDAY, MONDAY, JUNE_ENDS, JULY_FIRST, JULY_SECOND, JULY_THIRD = DAYS
EVERYBODY = frozenset("abcd")

members = st.frozensets(st.sampled_from(sorted(EVERYBODY)))
orders_of_people = st.lists(
    st.tuples(
        st.sampled_from([*sorted(EVERYBODY), None]),
        st.sampled_from([*DAYS, date(2026, 4, 1), date(2026, 3, 31)]),
        st.integers(0, 9900).map(lambda cents: cents / 100),
    ),
    max_size=12,
)


def refresh(warehouse: Backend, history: History, days: Iterable[date]) -> None:
    refresh_memberships(warehouse, list(history), list(days))
    refresh_segment_metrics(warehouse, list(days))


def measured(
    warehouse: Backend, segment: str, as_of: date, grain: str = "month"
) -> dict[str, object]:
    columns = warehouse.con.execute("describe metrics.segment_metrics").fetchall()
    row = warehouse.con.execute(
        "from metrics.segment_metrics where segment = ? and as_of = ? and period_grain = ?",
        [segment, as_of, grain],
    ).fetchone()
    assert row is not None
    return dict(zip([column[0] for column in columns], row, strict=True))


# Few examples, and no search for a smaller one that fails: each takes a second.
@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    history=st.fixed_dictionaries(
        {
            "all_customers": st.fixed_dictionaries({day: members.filter(bool) for day in DAYS}),
            "champions": st.fixed_dictionaries(dict.fromkeys(DAYS, members)),
        }
    ),
    orders=orders_of_people,
    order_of_days=st.permutations(DAYS),
    cut=st.integers(0, len(DAYS) - 1),
)
def test_any_order_of_days_gives_the_metrics_of_a_full_computation(
    warehouse: Backend,
    history: History,
    orders: list[tuple[str | None, date, float]],
    order_of_days: list[date],
    cut: int,
) -> None:
    write_snapshots(warehouse, history)
    write_orders(warehouse, orders)
    forget_results(warehouse)
    evaluated_days = order_of_days[:-1]
    for days in (evaluated_days[:cut], evaluated_days[cut:]):
        refresh(warehouse, history, days)
    evaluated = {
        segment: {day: states[day] for day in evaluated_days} for segment, states in history.items()
    }
    pd.testing.assert_frame_equal(
        read_metrics(warehouse), expected_metrics(evaluated, orders), check_dtype=False
    )
    assert count_unbalanced_metrics(warehouse) == 0


@pytest.fixture
def july(warehouse: Backend) -> Backend:
    """Champions a, b at the end of June, b, c at the end of 2 July; d leaves nothing behind."""
    history = {
        "all_customers": {JUNE_ENDS: EVERYBODY, JULY_SECOND: EVERYBODY},
        "champions": {JUNE_ENDS: frozenset("ab"), JULY_SECOND: frozenset("bc")},
    }
    write_snapshots(warehouse, history)
    write_orders(
        warehouse,
        [
            ("a", JULY_FIRST, 10.0),
            ("b", JULY_FIRST, 20.0),
            ("c", JULY_SECOND, 30.0),
            ("b", JUNE_ENDS, 500.0),
            ("b", JULY_THIRD, 500.0),
            (None, JULY_FIRST, 500.0),
        ],
    )
    refresh(warehouse, history, [JUNE_ENDS, JULY_SECOND])
    return warehouse


def test_change_compares_the_members_at_the_end_with_those_at_the_start(july: Backend) -> None:
    row = measured(july, "champions", JULY_SECOND)
    assert row["period_start_on"] == JULY_FIRST
    assert (row["customers_start"], row["customers_end"]) == (2, 2)
    assert (row["entered"], row["exited"], row["retained"]) == (1, 1, 1)
    assert (row["growth_rate"], row["retention_rate"]) == (0.0, 0.5)


def test_sales_are_those_of_the_members_at_the_end_within_the_period(july: Backend) -> None:
    row = measured(july, "champions", JULY_SECOND)
    assert (float(str(row["sales"])), row["transactions"]) == (50.0, 2)
    assert row["average_transaction_value"] == 25.0


def test_shares_are_of_all_customers(july: Backend) -> None:
    row = measured(july, "champions", JULY_SECOND)
    assert row["customer_share"] == 0.5
    assert row["sales_share"] == pytest.approx(50 / 60)
    assert row["transaction_share"] == pytest.approx(2 / 3)


def test_what_needs_an_unknown_start_is_null(july: Backend) -> None:
    row = measured(july, "champions", JULY_SECOND, "week")
    unknown = ["customers_start", "entered", "exited", "retained", "growth_rate", "retention_rate"]
    assert [row[column] for column in unknown] == [None] * 6
    assert row["customers_end"] == 2


def test_a_sum_over_no_orders_is_zero_and_its_average_null(july: Backend) -> None:
    row = measured(july, "champions", JUNE_ENDS, "week")
    july.con.execute("delete from conformed.orders")
    refresh_segment_metrics(july, [JUNE_ENDS])
    emptied = measured(july, "champions", JUNE_ENDS, "week")
    assert (float(str(row["sales"])), row["transactions"]) == (500.0, 1)
    assert (float(str(emptied["sales"])), emptied["transactions"]) == (0.0, 0)
    nulls = ["sales_share", "transaction_share", "average_transaction_value"]
    assert [emptied[column] for column in nulls] == [None] * 3


def test_rates_from_nobody_are_null(warehouse: Backend) -> None:
    history = {
        "all_customers": {JUNE_ENDS: EVERYBODY, JULY_FIRST: EVERYBODY},
        "champions": {JUNE_ENDS: frozenset[str](), JULY_FIRST: frozenset("a")},
    }
    write_snapshots(warehouse, history)
    refresh(warehouse, history, [JUNE_ENDS, JULY_FIRST])
    row = measured(warehouse, "champions", JULY_FIRST)
    assert (row["customers_start"], row["entered"], row["exited"]) == (0, 1, 0)
    assert (row["growth_rate"], row["retention_rate"]) == (None, None)


def test_a_start_that_is_learnt_late_is_filled_in(warehouse: Backend) -> None:
    history = {
        "all_customers": {JUNE_ENDS: EVERYBODY, JULY_FIRST: EVERYBODY},
        "champions": {JUNE_ENDS: frozenset("a"), JULY_FIRST: frozenset("a")},
    }
    write_snapshots(warehouse, history)
    refresh(warehouse, history, [JULY_FIRST])
    assert measured(warehouse, "champions", JULY_FIRST)["customers_start"] is None
    refresh(warehouse, history, [JUNE_ENDS])
    assert measured(warehouse, "champions", JULY_FIRST)["customers_start"] == 1


def test_a_person_who_left_and_came_back_is_retained(warehouse: Backend) -> None:
    champions = {JUNE_ENDS: frozenset("a"), JULY_FIRST: frozenset("b"), JULY_SECOND: frozenset("a")}
    history = {"all_customers": dict.fromkeys(champions, EVERYBODY), "champions": champions}
    write_snapshots(warehouse, history)
    refresh(warehouse, history, champions)
    row = measured(warehouse, "champions", JULY_SECOND)
    assert (row["entered"], row["exited"], row["retained"]) == (0, 0, 1)


def test_an_old_day_leaves_other_days_alone(july: Backend) -> None:
    before = measured(july, "champions", JULY_SECOND, "week")
    july.con.execute("update conformed.orders set sales_amount = 1")
    refreshed = refresh_segment_metrics(july, [date(2026, 6, 27)])
    assert refreshed.days == 0
    assert measured(july, "champions", JULY_SECOND, "week") == before
