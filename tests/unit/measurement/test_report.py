"""The Markdown table of the newest metrics."""

from datetime import date

from ibis.backends.duckdb import Backend

from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.period_metrics import refresh_segment_metrics
from dagster_project.measurement.report import metrics_as_markdown
from tests.unit.measurement.histories import write_orders, write_snapshots

COLUMNS = (
    *("segment", "customers", "of all", "entered", "exited", "growth", "retention"),
    *("sales", "of all sales", "transactions", "average transaction"),
)
DAY = date(2026, 7, 31)


def test_the_newest_month_is_a_table_with_the_largest_segment_first(warehouse: Backend) -> None:
    everybody = frozenset(str(number) for number in range(1200))
    write_snapshots(
        warehouse,
        {"all_customers": {DAY: everybody}, "champions": {DAY: frozenset(["1", "2", "3"])}},
    )
    write_orders(warehouse, [("1", DAY, 1500.0), ("7", DAY, 500.0)])
    refresh_memberships(warehouse, ["all_customers", "champions"], [DAY])
    refresh_segment_metrics(warehouse, [DAY])
    assert metrics_as_markdown(warehouse).splitlines() == [
        "Month to date, 2026-07-01 to 2026-07-31:",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| all_customers | 1,200 | 100.0% | – | – | – | – | 2,000 | 100.0% | 2 | 1,000.00 |",
        "| champions | 3 | 0.2% | – | – | – | – | 1,500 | 75.0% | 1 | 1,500.00 |",
    ]


def test_before_the_first_day_there_is_a_sentence(warehouse: Backend) -> None:
    assert metrics_as_markdown(warehouse) == "No day has been measured yet."
