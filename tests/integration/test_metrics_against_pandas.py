"""Memberships and metrics of the demo, each compared with an independent pandas computation."""

from datetime import date, timedelta

import pandas as pd
import pytest
import yaml

from dagster_project.engine import open_warehouse
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")

POPULATION = "all_customers"
DECLARATIONS = PROJECT_FOLDER / "models" / "segments" / "_segments__models.yml"


@pytest.fixture(scope="module")
def days(deployment: Deployment) -> list[date]:
    return deployment.days


@pytest.fixture(scope="module")
def tables(deployment: Deployment) -> dict[str, pd.DataFrame]:
    """The snapshots, the purchases by person, and the two tables under test."""
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        query = connection.con.sql
        segments = query(
            """
            select table_name from information_schema.tables
            where table_schema = 'segments' order by table_name
            """
        ).fetchall()
        snapshots = " union all ".join(
            f"select '{segment}' as segment, profile_id, as_of from segments.{segment}"
            for (segment,) in segments
        )
        return {
            "snapshots": query(snapshots).df(),
            "orders": query(
                """
                select profile_id, ordered_on, sales_amount::double as sales_amount
                from conformed.orders join identity.identity_map using (record_id)
                """
            ).df(),
            "memberships": query("from metrics.segment_memberships").df(),
            "metrics": query("from metrics.segment_metrics").df(),
        }


@pytest.fixture(scope="module")
def members(tables, days) -> dict[tuple[str, date], frozenset[str]]:
    """Who was a member of a segment at the end of a day that was run."""
    snapshots = tables["snapshots"]
    grouped = snapshots.groupby(["segment", snapshots["as_of"].dt.date])["profile_id"]
    named = {key: frozenset(profiles) for key, profiles in grouped}
    declared = {
        model["name"]: model["config"]["meta"]
        for model in yaml.safe_load(DECLARATIONS.read_text())["models"]
    }
    by_rank = sorted(declared, key=lambda segment: declared[segment].get("priority", 0))
    held: dict[tuple[str, date], frozenset[str]] = {}
    for day in days:
        taken: dict[str | None, frozenset[str]] = {}
        for segment in by_rank:
            family = declared[segment].get("family")
            minimum = timedelta(days=declared[segment].get("minimum_days", 1))
            stay = [
                named.get((segment, one), frozenset()) for one in days if day - minimum < one <= day
            ]
            people = frozenset().union(*stay)
            held[segment, day] = people - taken.get(family, frozenset()) if family else people
            taken[family] = taken.get(family, frozenset()) | people
    return held


def test_every_membership_is_the_one_that_pandas_finds(tables, members, days):
    expected = set()
    for segment in {segment for segment, _ in members}:
        for profile in frozenset().union(*(members[segment, day] for day in days)):
            entered = None
            for day in days:
                is_member = profile in members[segment, day]
                if is_member and entered is None:
                    entered = day
                elif not is_member and entered is not None:
                    expected.add((segment, profile, entered, day))
                    entered = None
            if entered is not None:
                expected.add((segment, profile, entered, None))
    found = {
        (row.segment, row.profile_id, row.entered_on.date(), _day_or_none(row.exited_on))
        for row in tables["memberships"].itertuples()
    }
    assert len(found) == len(tables["memberships"])
    assert found == expected


def _day_or_none(moment) -> date | None:
    return None if pd.isna(moment) else moment.date()


def _period_start(day: date, grain: str) -> date:
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def test_every_metric_is_the_one_that_pandas_finds(tables, members, days):
    metrics = tables["metrics"]
    found = {
        (row["as_of"].date(), row["period_grain"], row["segment"]): row
        for row in metrics.to_dict("records")
    }
    segments = {segment for segment, _ in members}
    assert len(found) == len(metrics) == len(days) * 3 * len(segments)
    for (as_of, grain, segment), row in found.items():
        expected = _expected(tables["orders"], members, as_of, grain, segment)
        assert row["period_start_on"].date() == _period_start(as_of, grain)
        for metric, value in expected.items():
            place = f"{metric} of {segment} on {as_of} by {grain}"
            if value is None:
                assert pd.isna(row[metric]), place
            else:
                assert float(row[metric]) == pytest.approx(value, abs=1e-9), place


def _expected(orders, members, as_of, grain, segment) -> dict[str, float | None]:
    start_on = _period_start(as_of, grain)
    at_end = members[segment, as_of]
    at_start = members.get((segment, start_on - timedelta(days=1)))
    known = at_start is not None
    in_period = orders[orders["ordered_on"].dt.date.between(start_on, as_of)]

    def bought_by(people):
        purchases = in_period[in_period["profile_id"].isin(people)]
        return purchases["sales_amount"].sum(), len(purchases)

    sales, transactions = bought_by(at_end)
    all_sales, all_transactions = bought_by(members[POPULATION, as_of])
    return {
        "customers_start": len(at_start) if known else None,
        "customers_end": len(at_end),
        "entered": len(at_end - at_start) if known else None,
        "exited": len(at_start - at_end) if known else None,
        "retained": len(at_start & at_end) if known else None,
        "customer_share": _share(len(at_end), len(members[POPULATION, as_of])),
        "sales": sales,
        "sales_share": _share(sales, all_sales),
        "transactions": transactions,
        "transaction_share": _share(transactions, all_transactions),
        "average_transaction_value": _share(sales, transactions),
        "growth_rate": _share(len(at_end) - len(at_start), len(at_start)) if known else None,
        "retention_rate": _share(len(at_start & at_end), len(at_start)) if known else None,
    }
