"""The tables of the schema `metrics` that this package keeps.

Belongs here: definitions of tables. Does not belong here: what the rows say (`memberships`,
`period_metrics`).
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

SCHEMA = "metrics"
ALL_CUSTOMERS = "all_customers"
"""The segment of everybody: shares are relative to it."""

_DEFINITIONS = (
    "create schema if not exists metrics",
    """
    create table if not exists metrics.segment_builds (
        segment varchar not null,
        as_of date not null,
        members bigint not null
    )
    """,
    """
    create table if not exists metrics.segment_evaluations (
        segment varchar not null,
        as_of date not null
    )
    """,
    """
    create table if not exists metrics.segment_memberships (
        segment varchar not null,
        profile_id varchar not null,
        entered_on date not null,
        exited_on date
    )
    """,
    """
    create table if not exists metrics.segment_metrics (
        as_of date not null,
        period_grain varchar not null,
        period_start_on date not null,
        segment varchar not null,
        customers_start bigint,
        customers_end bigint not null,
        entered bigint,
        exited bigint,
        retained bigint,
        customer_share double,
        sales decimal(18, 2) not null,
        sales_share double,
        transactions bigint not null,
        transaction_share double,
        average_transaction_value double,
        growth_rate double,
        retention_rate double
    )
    """,
)


def create_tables(connection: Backend) -> None:
    """Create the tables that do not exist yet."""
    for definition in _DEFINITIONS:
        connection.con.execute(definition)


def days_of_segments(segments: Sequence[str], days: Sequence[date]) -> ir.Table:
    """Pair each segment with each day, once. Grain: (segment, as_of)."""
    return ibis.memtable(
        [(segment, day) for segment in sorted(set(segments)) for day in sorted(set(days))],
        schema={"segment": "string", "as_of": "date"},
    )


def builds_table(connection: Backend) -> ir.Table:
    """The days that segments were built for, with their members then. Grain: (segment, as_of)."""
    return connection.table("segment_builds", database=SCHEMA)


def evaluations_table(connection: Backend) -> ir.Table:
    """The days that memberships account for. Grain: (segment, as_of)."""
    return connection.table("segment_evaluations", database=SCHEMA)


def memberships_table(connection: Backend) -> ir.Table:
    """Who was a member from when until when. Grain: (segment, profile_id, entered_on)."""
    return connection.table("segment_memberships", database=SCHEMA)


def metrics_table(connection: Backend) -> ir.Table:
    """Metrics of a period up to a day. Grain: (as_of, period_grain, segment)."""
    return connection.table("segment_metrics", database=SCHEMA)
