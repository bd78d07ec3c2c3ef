"""Metrics as small tables that a person reads.

Belongs here: choosing and formatting few rows. Does not belong here: computing them
(`period_metrics`, `overlaps`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.markdown import markdown_table
from dagster_project.measurement.tables import create_tables, metrics_table, overlaps_table

_UNKNOWN = "–"


def _whole(value: Any) -> str:
    return f"{value:,.0f}"


def _money(value: Any) -> str:
    return f"{value:,.2f}"


def _percentage(value: Any) -> str:
    return f"{value:.1%}"


_COLUMNS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "segment": ("segment", str),
    "customers_end": ("customers", _whole),
    "customer_share": ("of all", _percentage),
    "entered": ("entered", _whole),
    "exited": ("exited", _whole),
    "growth_rate": ("growth", _percentage),
    "retention_rate": ("retention", _percentage),
    "sales": ("sales", _whole),
    "sales_share": ("of all sales", _percentage),
    "transactions": ("transactions", _whole),
    "average_transaction_value": ("average transaction", _money),
}


def metrics_as_markdown(connection: Backend) -> str:
    """Render the newest day's metrics of its month to date, the largest segment first."""
    create_tables(connection)
    monthly = metrics_table(connection).filter(_.period_grain == "month")
    newest = monthly.filter(_.as_of == monthly.as_of.max()).order_by(
        _.customers_end.desc(), "segment"
    )
    rows = newest.to_pyarrow().to_pylist()
    if not rows:
        return "No day has been measured yet."
    header = [title for title, _format in _COLUMNS.values()]
    body = [
        [_cell(row[column], format_) for column, (_title, format_) in _COLUMNS.items()]
        for row in rows
    ]
    period = f"{rows[0]['period_start_on']} to {rows[0]['as_of']}"
    return f"Month to date, {period}:\n\n{markdown_table(header, body, numbers=len(header) - 1)}"


def overlaps_as_markdown(connection: Backend, most: int = 20) -> str:
    """Render the pairs of the newest day that are most alike, by their share of both together.

    Args:
        connection: The warehouse.
        most: How many pairs to show.
    """
    create_tables(connection)
    overlaps = overlaps_table(connection)
    together = _.customers + _.other_customers - _.shared_customers
    pairs = (
        overlaps.filter(_.as_of == overlaps.as_of.max(), _.segment < _.other_segment)
        .mutate(likeness=_.shared_customers / together)
        .order_by(_.likeness.desc(), "segment", "other_segment")
        .limit(most)
    )
    rows = pairs.to_pyarrow().to_pylist()
    if not rows:
        return "No two segments share anybody."
    header = ("segment", "other segment", "customers", "others", "shared", "lift")
    body = [
        [
            row["segment"],
            row["other_segment"],
            _whole(row["customers"]),
            _whole(row["other_customers"]),
            _whole(row["shared_customers"]),
            _cell(row["lift"], "{:,.1f}".format),
        ]
        for row in rows
    ]
    return f"{rows[0]['as_of']}:\n\n{markdown_table(header, body, numbers=4)}"


def _cell(value: Any, format_: Callable[[Any], str]) -> str:
    return _UNKNOWN if value is None else format_(value)
