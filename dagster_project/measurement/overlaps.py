"""How many members two segments share on a day.

Each pair is told from both sides, so that whoever looks at one segment reads its rows alone. A pair
that shares nobody has no row, nor has the segment of everybody, which holds all of each.
`shared_share` is the share of the segment's members who are in the other one as well, and `lift`
how many times the other one's share of all customers that is: 1 where the two have nothing to do
with each other, null where nobody knows how many customers there were.

Belongs here: keeping `metrics.segment_overlaps`. Does not belong here: who was a member when
(`memberships`).
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.aliases import require_followed_merges
from dagster_project.measurement.memberships import days_that_depend_on, members_on
from dagster_project.measurement.tables import (
    ALL_CUSTOMERS,
    SCHEMA,
    create_tables,
    evaluations_table,
    memberships_table,
    overlaps_table,
)

PAIR = ["as_of", "segment", "other_segment"]
"""What a row is about."""


def refresh_segment_overlaps(connection: Backend, days: Sequence[date]) -> int:
    """Compute the overlaps of days, and of the later ones on which their members may be held.

    Args:
        connection: The warehouse, with memberships that account for these days.
        days: The days.

    Returns:
        How many rows the table holds now.

    Raises:
        MergesNotFollowedError: Memberships name profiles that were merged since.
    """
    create_tables(connection)
    require_followed_merges(connection)
    affected = days_that_depend_on(connection, days).order_by("as_of").to_pyarrow()
    # One by one: pairs of members are many, and no day needs those of another.
    for day in affected["as_of"].to_pylist():
        _refresh_day(connection, day)
    return int(overlaps_table(connection).count().execute())


def _refresh_day(connection: Backend, day: date) -> None:
    evaluated = evaluations_table(connection).filter(_.as_of == day).select("segment", "as_of")
    with ExitStack() as stages:

        def stage(name: str, rows: ir.Table) -> ir.Table:
            return stages.enter_context(staged(connection, name, rows))

        members = stage("members_of_day", members_on(memberships_table(connection), evaluated))
        shared = stage("shared_members", count_shared(members))
        sizes = members.group_by("segment", "as_of").aggregate(customers=_.count())
        fresh = stage("fresh_overlaps", overlaps_of(sizes, shared))
        with transaction(connection):
            connection.con.execute("delete from metrics.segment_overlaps where as_of = ?", [day])
            connection.insert("segment_overlaps", fresh.order_by(*PAIR), database=SCHEMA)


def count_shared(members: ir.Table) -> ir.Table:
    """Count those who are in two segments. Grain: a pair, the lesser name first.

    Args:
        members: Who is in which segment on which day.
    """
    named = members.filter(_.segment != ALL_CUSTOMERS)
    others = named.rename(other_segment="segment")
    return (
        named.join(others, ["as_of", "profile_id", named.segment < others.other_segment])
        .group_by(*PAIR)
        .aggregate(shared_customers=_.count())
    )


def overlaps_of(sizes: ir.Table, shared: ir.Table) -> ir.Table:
    """Make the rows of the table.

    Args:
        sizes: How many members the segments have on the days, `customers`, where they have any.
        shared: How many of them two segments share, as `count_shared` tells.
    """
    everybody = sizes.filter(_.segment == ALL_CUSTOMERS).select("as_of", all_customers=_.customers)
    mirrored = shared.rename(segment="other_segment", other_segment="segment")
    pairs = ibis.union(shared, mirrored.select(shared.columns))
    return (
        pairs.join(sizes, ["segment", "as_of"])
        .join(
            sizes.select(other_segment="segment", as_of="as_of", other_customers="customers"),
            ["other_segment", "as_of"],
        )
        .left_join(everybody, "as_of")
        .mutate(shared_share=_.shared_customers / _.customers)
        .mutate(lift=_.shared_share * _.all_customers / _.other_customers)
        .select(
            *PAIR,
            "customers",
            "other_customers",
            "shared_customers",
            "shared_share",
            "lift",
        )
    )
