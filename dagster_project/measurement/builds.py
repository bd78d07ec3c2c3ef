"""Which days each segment was built for, and with how many members.

A segment without members on a day has no rows on it, just like one that was never built. So whoever
builds segments records it here: only then can an empty segment be told from a missing one, and a
snapshot from what is left of it.

Belongs here: recording that, and refusing days that were not built. Does not belong here: building
segments (dbt), and what is made of them (`memberships`).
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.tables import (
    SCHEMA,
    builds_table,
    create_tables,
    days_of_segments,
)

_NAMED_DAYS = 5


class SnapshotMissingError(LookupError):
    """A day was asked for whose segments were never built, or are no longer as they were built."""


def record_builds(connection: Backend, segments: Sequence[str], days: Sequence[date]) -> None:
    """Record that segments were built for days, just now.

    Args:
        connection: The warehouse.
        segments: The names of the segments, each a table `segments.<name>`.
        days: The days that each of them was built for.
    """
    create_tables(connection)
    if not segments or not days:
        return
    built = days_of_segments(segments, days).left_join(
        _sizes(connection, segments, days), ["segment", "as_of"]
    )
    counted = built.select("segment", "as_of", members=_.members.fill_null(0))
    with staged(connection, "builds", counted) as builds, transaction(connection):
        connection.con.execute(
            """
            delete from metrics.segment_builds as kept
            using temp.builds as built
            where kept.segment = built.segment and kept.as_of = built.as_of
            """
        )
        connection.insert("segment_builds", builds.order_by("as_of", "segment"), database=SCHEMA)


def count_members_built(connection: Backend, segment: str, day: date) -> int:
    """Tell how many members a segment had when it was last built for a day.

    Args:
        connection: The warehouse.
        segment: The segment's name.
        day: The day.
    """
    built = builds_table(connection).filter(_.segment == segment, _.as_of == day)
    members = built.aggregate(members=_.members.sum().fill_null(0)).to_pyarrow().to_pylist()
    return int(members[0]["members"])


def require_builds(connection: Backend, segments: Sequence[str], days: Sequence[date]) -> None:
    """Refuse days for which a segment was not built, or does not hold what was built.

    Args:
        connection: The warehouse.
        segments: The names of the segments.
        days: The days.

    Raises:
        SnapshotMissingError: A segment has no table, was never built for one of the days, or has
            lost or gained rows since: taking it as it is would let its members leave.
    """
    tables = set(connection.list_tables(database="segments"))
    if missing_tables := sorted(set(segments) - tables):
        raise SnapshotMissingError(
            f"There is no table {', '.join(f'segments.{name}' for name in missing_tables)}. "
            f"{_advice(missing_tables[0])}"
        )
    builds = builds_table(connection)
    found = (
        days_of_segments(segments, days)
        .left_join(builds, ["segment", "as_of"])
        .drop("segment_right", "as_of_right")
        .left_join(_sizes(connection, segments, days).rename(rows="members"), ["segment", "as_of"])
        .filter(_.members.isnull() | (_.members != _.rows.fill_null(0)))
        .select("segment", "as_of", is_built=_.members.notnull())
        .order_by(_.is_built, "segment", "as_of")
    )
    broken = found.to_pyarrow().to_pylist()
    if broken:
        segment, is_built = broken[0]["segment"], broken[0]["is_built"]
        named = _named(
            [
                row["as_of"]
                for row in broken
                if (row["segment"], row["is_built"]) == (segment, is_built)
            ]
        )
        further = len({row["segment"] for row in broken}) - 1
        others = f" (like {further} further {'segment' if further == 1 else 'segments'})"
        what = "does not hold the members any more that were built" if is_built else "was not built"
        raise SnapshotMissingError(
            f"segments.{segment}{others if further else ''} {what} for {named}. {_advice(segment)}"
        )


def _advice(segment: str) -> str:
    return f"Materialize segments/{segment} and what it is made of for these days first."


def _named(days: Sequence[date]) -> str:
    more = len(days) - _NAMED_DAYS
    listed = ", ".join(day.isoformat() for day in days[:_NAMED_DAYS])
    return f"{listed}{f' and {more} more days' * (more > 0)}"


def _sizes(connection: Backend, segments: Sequence[str], days: Sequence[date]) -> ir.Table:
    """How many members each segment has on each of the days with any."""
    snapshots = (
        connection.table(segment, database="segments")
        .filter(_.as_of.isin(days))
        .select("as_of", segment=ibis.literal(segment))
        for segment in sorted(set(segments))
    )
    return ibis.union(*snapshots).group_by("segment", "as_of").aggregate(members=_.count())
