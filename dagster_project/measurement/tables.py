"""The tables of the schema `metrics` that this package keeps.

Belongs here: definitions of tables. Does not belong here: what the rows say (`memberships`,
`period_metrics`, `overlaps`).
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

SCHEMA = "metrics"
ALL_CUSTOMERS = "all_customers"
"""The segment of everybody: shares are relative to it."""

_METRICS_KEY = ("as_of", "period_grain", "period_start_on", "segment")

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
    alter table metrics.segment_evaluations
    add column if not exists minimum_days integer default 1
    """,
    "alter table metrics.segment_evaluations add column if not exists family varchar",
    "alter table metrics.segment_evaluations add column if not exists priority integer",
    """
    create table if not exists metrics.segment_memberships (
        segment varchar not null,
        profile_id varchar not null,
        entered_on date not null,
        exited_on date
    )
    """,
    """
    create table if not exists metrics.segment_rule_memberships (
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
    """
    create table if not exists metrics.segment_overlaps (
        as_of date not null,
        segment varchar not null,
        other_segment varchar not null,
        customers bigint not null,
        other_customers bigint not null,
        shared_customers bigint not null,
        shared_share double not null,
        lift double
    )
    """,
)


def create_tables(connection: Backend) -> None:
    """Create the tables that do not exist yet, and bring older ones up to date."""
    for definition in _DEFINITIONS:
        connection.con.execute(definition)
    # Before there were policies, members were whom the rules named.
    connection.con.execute(
        """
        insert into metrics.segment_rule_memberships
        select * from metrics.segment_memberships
        where not exists (from metrics.segment_rule_memberships)
        """
    )


def metric_names() -> list[str]:
    """List the metrics that there are of a segment, in their order."""
    with duckdb.connect() as connection:
        for definition in _DEFINITIONS:
            connection.execute(definition)
        columns = connection.execute("describe metrics.segment_metrics").fetchall()
    return [name for name, *_ in columns if name not in _METRICS_KEY]


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
    """The days that memberships account for, and by which policy. Grain: (segment, as_of)."""
    return _table(connection, "segment_evaluations")


def memberships_table(connection: Backend) -> ir.Table:
    """Who was a member from when until when. Grain: (segment, profile_id, entered_on)."""
    return _table(connection, "segment_memberships")


def rule_memberships_table(connection: Backend) -> ir.Table:
    """Whom the rules named from when until when. Grain: (segment, profile_id, entered_on)."""
    return _table(connection, "segment_rule_memberships")


def metrics_table(connection: Backend) -> ir.Table:
    """Metrics of a period up to a day. Grain: (as_of, period_grain, segment)."""
    return connection.table("segment_metrics", database=SCHEMA)


def overlaps_table(connection: Backend) -> ir.Table:
    """How many members two segments share on a day. Grain: (as_of, segment, other_segment)."""
    return connection.table("segment_overlaps", database=SCHEMA)


def nullable(table: ir.Table) -> ir.Table:
    """Let sets be made of tables: for Ibis, a column that is never null is of another type."""
    return table.cast({column: kind(nullable=True) for column, kind in table.schema().items()})


def _table(connection: Backend, name: str) -> ir.Table:
    return nullable(connection.table(name, database=SCHEMA))
