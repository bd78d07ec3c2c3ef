"""The size, change and sales of segments by week, month and quarter, each up to a day.

A period runs from its first day to `as_of`: period to date. Weeks start on Monday. Members at the
start are those at the end of the day before the period, so they are known only if that day was
evaluated for the segment; unknown is null, and so is everything made from it. Entered, exited and
retained compare the two sets of people: who left and came back within the period is retained. Sales
and transactions are those of the people who are members at the end, whenever in the period they
became so. What cannot be computed is null, never 0: a share of nothing, a rate from nobody.

Sales are read from the orders and identities that are known today, so a refresh of an old day uses
what has been learnt since.

Belongs here: keeping `metrics.segment_metrics`. Does not belong here: who was a member when
(`memberships`), and how a person reads the result (`report`).
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.aliases import require_followed_merges
from dagster_project.measurement.memberships import (
    covers,
    days_that_depend_on,
    members_on,
)
from dagster_project.measurement.tables import (
    ALL_CUSTOMERS,
    SCHEMA,
    create_tables,
    evaluations_table,
    memberships_table,
    metrics_table,
)

GRAINS: Mapping[str, str] = {"week": "W", "month": "M", "quarter": "Q"}
"""The periods, and the unit that a day is truncated to for the first day of its period."""

# Not `ibis.interval(days=1)`, which ibis 12 cannot compile with the compiled sqlglot 30.
_ONE_DAY = ibis.literal(1).as_interval("D")
PERIOD = ["as_of", "period_grain"]
CELL = [*PERIOD, "segment"]
"""What a row is about."""
FIGURES = ["customers_start", "customers_end", "retained", "sales", "transactions"]
"""What a row adds up over people; all else follows from it."""


@dataclass(frozen=True)
class MetricsRefresh:
    """What a refresh did.

    Attributes:
        rows: How many rows the table holds now.
        days: How many days were computed: those asked for, those on which their members may still
            be held, and those whose period starts after one of them.
    """

    rows: int
    days: int


def refresh_segment_metrics(connection: Backend, days: Sequence[date]) -> MetricsRefresh:
    """Compute the metrics of days, and of the later days that depend on one of them.

    A person who was named on a day may be held on later ones (`policies`). And a period's start is
    known once the day before it is evaluated, so evaluating a day late tells something new about
    the days of the week, month and quarter that follow it. Refreshing all of these leaves the same
    table for every order of days.

    Args:
        connection: The warehouse, with memberships that account for these days.
        days: The days.

    Returns:
        How many rows there are, and how many days were computed.

    Raises:
        MergesNotFollowedError: Memberships name profiles that were merged since.
    """
    create_tables(connection)
    require_followed_merges(connection)
    with ExitStack() as stages:

        def stage(name: str, rows: ir.Table) -> ir.Table:
            return stages.enter_context(staged(connection, name, rows))

        periods = stage("affected_periods", _affected_periods(connection, days))
        figures = figures_of(
            evaluations_table(connection),
            periods,
            memberships_table(connection),
            daily_sales(connection, identity_map(connection)),
        )
        fresh = stage("fresh_metrics", with_rates(figures))
        with transaction(connection):
            connection.con.execute(
                """
                delete from metrics.segment_metrics
                where as_of in (select as_of from affected_periods)
                """
            )
            connection.insert("segment_metrics", fresh.order_by(*CELL), database=SCHEMA)
        return MetricsRefresh(
            rows=int(metrics_table(connection).count().execute()),
            days=int(periods.as_of.nunique().execute()),
        )


def _affected_periods(connection: Backend, days: Sequence[date]) -> ir.Table:
    """The periods of each day whose metrics depend on the given days. Grain: (as_of, grain)."""
    periods = periods_up_to(evaluations_table(connection))
    reached = days_that_depend_on(connection, days)
    affected = ibis.union(
        reached,
        periods.semi_join(reached, [("start_known_on", "as_of")]).select("as_of"),
        distinct=True,
    )
    return periods.semi_join(affected, "as_of")


def periods_up_to(days: ir.Table) -> ir.Table:
    """The periods up to each of some days (`as_of`). Grain: (as_of, period_grain)."""
    distinct = days.select("as_of").distinct()
    return ibis.union(
        *(
            distinct.mutate(
                period_grain=ibis.literal(grain), period_start_on=_.as_of.truncate(unit)
            )
            for grain, unit in GRAINS.items()
        )
    ).mutate(start_known_on=_.period_start_on - _ONE_DAY)


def figures_of(
    evaluations: ir.Table, periods: ir.Table, memberships: ir.Table, daily: ir.Table
) -> ir.Table:
    """Add up over people all that a row adds up; what is left follows from these (`with_rates`).

    Args:
        evaluations: All evaluated days, by segment.
        periods: Which rows to make, as `periods_up_to` tells.
        memberships: Whom to count, as intervals.
        daily: What people bought, as `daily_sales` tells.

    Returns:
        `period_start_on` and `FIGURES`. Grain: that of the result.
    """
    counted = _with_counts(_cells(evaluations, periods), memberships)
    sales = _sales(daily, memberships, periods)
    return counted.left_join(sales, CELL).select(
        *counted.columns,
        sales=_.sales.fill_null(0).cast("decimal(18, 2)"),
        transactions=_.transactions.fill_null(0),
    )


def identity_map(connection: Backend) -> ir.Table:
    """Which profile each record belongs to today. Grain: (record_id)."""
    return connection.table("identity_map", database="identity").select("record_id", "profile_id")


def daily_sales(connection: Backend, people: ir.Table) -> ir.Table:
    """What people bought each day. Grain: (profile_id, ordered_on).

    Args:
        connection: The warehouse.
        people: Which records belong to whom.
    """
    orders = connection.table("orders", database="conformed")
    return (
        orders.join(people, "record_id")
        .group_by("profile_id", "ordered_on")
        .aggregate(sales=_.sales_amount.sum(), transactions=_.count())
    )


def _cells(evaluations: ir.Table, periods: ir.Table) -> ir.Table:
    """One row for each row of the result, with whether the members at the start are known."""
    starts = evaluations.select("segment", start_known_on=_.as_of, is_start_known=True)
    return (
        evaluations.join(periods, "as_of")
        .left_join(starts, ["segment", "start_known_on"])
        .select(
            *CELL,
            "period_start_on",
            "start_known_on",
            is_start_known=_.is_start_known.fill_null(False),
        )
    )


def _with_counts(cells: ir.Table, memberships: ir.Table) -> ir.Table:
    ends = cells.select("segment", "as_of").distinct()
    spans = cells.filter(_.is_start_known).select("segment", "as_of", "start_known_on").distinct()
    starts = spans.select("segment", as_of=_.start_known_on).distinct()

    at_end = members_on(memberships, ends)
    at_start = members_on(memberships, starts).rename(start_known_on="as_of")
    end_counts = at_end.group_by("segment", "as_of").aggregate(end_count=_.count())
    start_counts = at_start.group_by("segment", "start_known_on").aggregate(start_count=_.count())
    retained_counts = (
        at_end.join(spans, ["segment", "as_of"])
        .join(at_start, ["segment", "start_known_on", "profile_id"])
        .group_by("segment", "as_of", "start_known_on")
        .aggregate(retained_count=_.count())
    )
    return (
        cells.left_join(end_counts, ["segment", "as_of"])
        .drop("segment_right", "as_of_right")
        .left_join(start_counts, ["segment", "start_known_on"])
        .drop("segment_right", "start_known_on_right")
        .left_join(retained_counts, ["segment", "as_of", "start_known_on"])
        .select(
            *CELL,
            "period_start_on",
            customers_end=_.end_count.fill_null(0),
            customers_start=_where_known(_.start_count),
            retained=_where_known(_.retained_count),
        )
    )


def _where_known(count: ir.IntegerValue) -> ir.IntegerValue:
    return _.is_start_known.ifelse(count.fill_null(0), ibis.null("int64"))


def _sales(daily: ir.Table, memberships: ir.Table, periods: ir.Table) -> ir.Table:
    """Sales of the members at the end, within the period. Grain: that of the result."""
    by_period = (
        daily.join(
            periods,
            [daily.ordered_on >= periods.period_start_on, daily.ordered_on <= periods.as_of],
        )
        .group_by("profile_id", "as_of", "period_grain")
        .aggregate(sales=_.sales.sum(), transactions=_.transactions.sum())
    )
    return (
        by_period.join(
            memberships,
            [
                by_period.profile_id == memberships.profile_id,
                covers(memberships, by_period.as_of),
            ],
        )
        .group_by(*CELL)
        .aggregate(sales=_.sales.sum(), transactions=_.transactions.sum())
    )


def with_rates(figures: ir.Table) -> ir.Table:
    """Make the rows of the table, with what follows from figures of all segments of a period."""
    is_everybody = figures.segment == ALL_CUSTOMERS
    same_period = ibis.window(group_by=PERIOD)
    with_everybody = figures.mutate(
        all_customers=_.customers_end.max(where=is_everybody).over(same_period),
        all_sales=_.sales.max(where=is_everybody).over(same_period),
        all_transactions=_.transactions.max(where=is_everybody).over(same_period),
    )
    return with_everybody.select(
        *PERIOD,
        "period_start_on",
        "segment",
        "customers_start",
        "customers_end",
        entered=_.customers_end - _.retained,
        exited=_.customers_start - _.retained,
        retained=_.retained,
        customer_share=_ratio(_.customers_end, _.all_customers),
        sales=_.sales,
        sales_share=_ratio(_.sales, _.all_sales),
        transactions=_.transactions,
        transaction_share=_ratio(_.transactions, _.all_transactions),
        average_transaction_value=_ratio(_.sales, _.transactions),
        growth_rate=_ratio(_.customers_end - _.customers_start, _.customers_start),
        retention_rate=_ratio(_.retained, _.customers_start),
    )


def _ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.FloatingValue:
    return part.cast("float64") / whole.cast("float64").nullif(0)
