"""Who belonged to which segment from when until when, from snapshots of single days.

A segment's snapshots say who was a member on a day, for the days that were built, in whatever
order that happened. `metrics.segment_memberships` says the same as intervals: a member enters on
the first day of a run of evaluated days, and exits on the evaluated day after the last of them
(`exited_on` is the first day of absence, null while a member). Days that were not evaluated lie
inside an interval or between two of them, as their neighbours tell.

`metrics.segment_evaluations` holds the days that the intervals account for, and changes in the same
transaction. Without it an evaluated day without members could not be told from a day that nobody
looked at. Snapshots may be pruned once their day is evaluated.

Profiles that were merged since are one person on every day (`aliases`).

Belongs here: keeping the two tables. Does not belong here: what is counted from them
(`period_metrics`).
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.aliases import follow_merges, with_current_profiles
from dagster_project.measurement.builds import require_builds
from dagster_project.measurement.tables import (
    ALL_CUSTOMERS,
    SCHEMA,
    create_tables,
    days_of_segments,
    evaluations_table,
    memberships_table,
)

_INTERVAL = ["segment", "profile_id", "entered_on", "exited_on"]


@dataclass(frozen=True)
class MembershipsRefresh:
    """What a refresh did.

    Attributes:
        intervals: How many intervals the table holds now.
        current_members: How many of them are open.
        added: How many intervals are new or have a new end.
        removed: How many intervals are gone, or were replaced by one with a new end.
    """

    intervals: int
    current_members: int
    added: int
    removed: int


def refresh_memberships(
    connection: Backend, segments: Sequence[str], days: Sequence[date]
) -> MembershipsRefresh:
    """Let the intervals account for days that were built or built anew.

    The intervals are the same whatever the order in which days are refreshed, one by one or
    together, once or again: only the stretch from the evaluated day before the first to the
    evaluated day after the last is worked out again, and only what differs is written.

    Args:
        connection: The warehouse.
        segments: The names of the segments, each a table `segments.<name>`.
        days: The days whose snapshots to account for.

    Returns:
        How many intervals there are, and how many changed with the days.

    Raises:
        SnapshotMissingError: A segment was not built for one of the days, or not everybody's.
    """
    create_tables(connection)
    follow_merges(connection)
    if segments and days:
        require_builds(connection, [ALL_CUSTOMERS, *segments], days)
        added, removed = _replace_stretch(connection, sorted(set(segments)), sorted(set(days)))
    else:
        added, removed = 0, 0
    intervals = memberships_table(connection)
    totals = intervals.aggregate(
        intervals=_.count(), current_members=_.exited_on.isnull().sum().fill_null(0)
    ).to_pyarrow()
    return MembershipsRefresh(**totals.to_pylist()[0], added=added, removed=removed)


def _replace_stretch(
    connection: Backend, segments: Sequence[str], days: Sequence[date]
) -> tuple[int, int]:
    requested = days_of_segments(segments, days)
    with ExitStack() as stages:

        def stage(name: str, rows: ir.Table) -> ir.Table:
            return stages.enter_context(staged(connection, name, rows))

        evaluations = evaluations_table(connection)
        stretch = stage("stretch", _stretch_of_days(evaluations, requested, days))
        before = stage("intervals_before", _intervals_in(memberships_table(connection), stretch))
        states = _remembered_states(before, stretch, days).union(
            _observed_states(connection, segments, stretch)
        )
        after = stage("intervals_after", _intervals_of(states))
        obsolete = stage("intervals_obsolete", before.difference(after))
        fresh = stage("intervals_fresh", after.difference(before))
        newly_evaluated = stage(
            "newly_evaluated",
            stretch.filter(_.is_requested)
            .select("segment", "as_of")
            .anti_join(evaluations, ["segment", "as_of"]),
        )
        with transaction(connection):
            connection.con.execute(
                """
                delete from metrics.segment_memberships as kept
                using intervals_obsolete as obsolete
                where kept.segment = obsolete.segment
                    and kept.profile_id = obsolete.profile_id
                    and kept.entered_on = obsolete.entered_on
                """
            )
            connection.insert(
                "segment_memberships",
                fresh.order_by("segment", "entered_on", "profile_id"),
                database=SCHEMA,
            )
            connection.insert(
                "segment_evaluations",
                newly_evaluated.order_by("as_of", "segment"),
                database=SCHEMA,
            )
        return int(fresh.count().execute()), int(obsolete.count().execute())


def _stretch_of_days(evaluations: ir.Table, requested: ir.Table, days: Sequence[date]) -> ir.Table:
    """The evaluated and requested days of the stretch, numbered. Grain: (segment, as_of)."""
    first, last = days[0], days[-1]
    evaluated = evaluations.semi_join(requested, "segment").select("segment", "as_of")
    day_before = (
        evaluated.filter(_.as_of < first).group_by("segment").aggregate(as_of=_.as_of.max())
    )
    day_after = evaluated.filter(_.as_of > last).group_by("segment").aggregate(as_of=_.as_of.min())
    between = evaluated.filter(_.as_of.between(first, last)).anti_join(
        requested, ["segment", "as_of"]
    )
    all_days = ibis.union(
        requested.mutate(is_requested=True),
        *(part.mutate(is_requested=False) for part in (day_before, between, day_after)),
    )
    by_day = ibis.window(group_by="segment", order_by="as_of")
    return all_days.mutate(
        position=ibis.row_number().over(by_day), next_on=_.as_of.lead().over(by_day)
    )


def _intervals_in(intervals: ir.Table, stretch: ir.Table) -> ir.Table:
    """The intervals that hold one of the days of the stretch."""
    ends = stretch.group_by("segment").aggregate(first_on=_.as_of.min(), last_on=_.as_of.max())
    return intervals.join(
        ends,
        [
            intervals.segment == ends.segment,
            intervals.entered_on <= ends.last_on,
            intervals.exited_on.isnull() | (intervals.exited_on > ends.first_on),
        ],
    ).select(*_INTERVAL)


def _remembered_states(intervals: ir.Table, stretch: ir.Table, days: Sequence[date]) -> ir.Table:
    """Who was a member on the days that are not worked out anew, as the intervals tell.

    On the day before the stretch and on the day after it, a membership reaches as far out of the
    stretch as it did.
    """
    first, last = days[0], days[-1]
    remembered = stretch.filter(~_.is_requested)
    return intervals.join(
        remembered,
        [
            intervals.segment == remembered.segment,
            intervals.entered_on <= remembered.as_of,
            intervals.exited_on.isnull() | (intervals.exited_on > remembered.as_of),
        ],
    ).select(
        "segment",
        "profile_id",
        "position",
        starts_on=(_.as_of < first).ifelse(_.entered_on, _.as_of),
        ends_on=(_.as_of > last).ifelse(_.exited_on, _.next_on),
    )


def _observed_states(connection: Backend, segments: Sequence[str], stretch: ir.Table) -> ir.Table:
    """Who was a member on the requested days, as the snapshots tell."""
    snapshots = ibis.union(
        *(
            connection.table(segment, database="segments").select(
                "profile_id", "as_of", segment=ibis.literal(segment)
            )
            for segment in segments
        )
    )
    requested = stretch.filter(_.is_requested)
    return (
        with_current_profiles(connection, snapshots)
        .join(requested, ["segment", "as_of"])
        .select("segment", "profile_id", "position", starts_on=_.as_of, ends_on=_.next_on)
        .distinct()
    )


def _intervals_of(states: ir.Table) -> ir.Table:
    """Join runs of neighbouring days into intervals."""
    by_member = ibis.window(group_by=["segment", "profile_id"], order_by="position")
    runs = states.mutate(run=_.position - ibis.row_number().over(by_member))
    return (
        runs.group_by("segment", "profile_id", "run")
        .aggregate(
            entered_on=_.starts_on.min(),
            # The last day's end is the latest, but for null: no end.
            exited_on=_.ends_on.isnull().any().ifelse(ibis.null("date"), _.ends_on.max()),
        )
        .select(*_INTERVAL)
    )
