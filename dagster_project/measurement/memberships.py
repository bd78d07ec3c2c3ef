"""Who belonged to which segment from when until when, from snapshots of single days.

A segment's snapshots say whom its rule named on a day, for the days that were built, in whatever
order that happened. `metrics.segment_rule_memberships` says the same as intervals (see
`intervals`), and `metrics.segment_memberships` who was a member: by rule and by policy (see
`policies`). `exited_on` is the first evaluated day of absence, null while a member.

`metrics.segment_evaluations` holds the days that the intervals account for, each with the policy
by which it is judged, and changes in the same transaction. Without it an evaluated day without
members could not be told from a day that nobody looked at. Snapshots may be pruned once their day
is evaluated.

Profiles that were merged since are one person on every day (`aliases`); past days have to follow
before others are refreshed (`merges`).

Belongs here: keeping these tables, and asking them who was a member. Does not belong here: what is
counted from them (`period_metrics`, `overlaps`).
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
from dagster_project.measurement.aliases import (
    require_followed_merges,
    with_current_profiles,
)
from dagster_project.measurement.builds import require_builds
from dagster_project.measurement.intervals import Stretch, stretch_of
from dagster_project.measurement.policies import (
    MembershipPolicy,
    days_in_reach,
    held_members,
    policies_of_days,
)
from dagster_project.measurement.tables import (
    ALL_CUSTOMERS,
    SCHEMA,
    create_tables,
    evaluations_table,
    memberships_table,
    rule_memberships_table,
)


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
    connection: Backend,
    segments: Sequence[str],
    days: Sequence[date],
    policies: Mapping[str, MembershipPolicy] | None = None,
) -> MembershipsRefresh:
    """Let the intervals account for days that were built or built anew.

    The intervals are the same whatever the order in which days are refreshed, one by one or
    together, once or again: only the days that may change are worked out again, within the stretch
    from the evaluated day before them to the one after, and only what differs is written.

    Args:
        connection: The warehouse.
        segments: The names of the segments, each a table `segments.<name>`.
        days: The days whose snapshots to account for.
        policies: How members are kept on these days, by segment; by the rule alone without one.
            Other days keep the policy of their own last refresh.

    Returns:
        How many intervals there are, and how many changed with the days.

    Raises:
        MergesNotFollowedError: Memberships name profiles that were merged since.
        SnapshotMissingError: A segment was not built for one of the days, or not everybody's.
    """
    create_tables(connection)
    require_followed_merges(connection)
    if segments and days:
        require_builds(connection, [ALL_CUSTOMERS, *segments], days)
        requested = policies_of_days(policies or {}, segments, days)
        added, removed = _evaluate(connection, segments, requested)
    else:
        added, removed = 0, 0
    intervals = memberships_table(connection)
    totals = intervals.aggregate(
        intervals=_.count(), current_members=_.exited_on.isnull().sum().fill_null(0)
    ).to_pyarrow()
    return MembershipsRefresh(**totals.to_pylist()[0], added=added, removed=removed)


def days_that_depend_on(connection: Backend, days: Sequence[date]) -> ir.Table:
    """The days, and the evaluated ones on which members of theirs may still be held."""
    evaluations = evaluations_table(connection)
    given = ibis.memtable([(day,) for day in days], schema={"day": "date"})
    return (
        evaluations.join(
            given,
            [
                evaluations.as_of >= given.day,
                evaluations.as_of.delta(given.day, unit="day") < evaluations.minimum_days,
            ],
        )
        .select("as_of")
        .distinct()
    )


def members_on(memberships: ir.Table, days: ir.Table) -> ir.Table:
    """Who was a member on days. Grain: (segment, as_of, profile_id).

    Args:
        memberships: Intervals.
        days: Pairs of segment and day.
    """
    return memberships.join(
        days, [memberships.segment == days.segment, covers(memberships, days.as_of)]
    ).select("segment", "as_of", "profile_id")


def count_members_on(memberships: ir.Table, days: ir.Table) -> ir.Table:
    """Count the members on days, for those with any. Grain: (segment, as_of).

    Who enters adds one and who exits takes one away, so the work does not grow with the days.

    Args:
        memberships: Intervals.
        days: Pairs of segment and day.
    """
    entered = memberships.select("segment", as_of=_.entered_on, change=ibis.literal(1))
    exited = memberships.filter(_.exited_on.notnull()).select(
        "segment", as_of=_.exited_on, change=ibis.literal(-1)
    )
    asked = days.select("segment", "as_of", change=ibis.literal(0))
    changes = (
        ibis.union(entered, exited, asked)
        .group_by("segment", "as_of")
        .aggregate(change=_.change.sum())
    )
    so_far = ibis.cumulative_window(group_by="segment", order_by="as_of")
    return (
        changes.mutate(customers=_.change.sum().over(so_far))
        .semi_join(days, ["segment", "as_of"])
        .filter(_.customers > 0)
        .select("segment", "as_of", "customers")
    )


def covers(memberships: ir.Table, day: ir.Column) -> ir.BooleanValue:
    """Whether an interval holds on a day."""
    return (memberships.entered_on <= day) & (
        memberships.exited_on.isnull() | (memberships.exited_on > day)
    )


@dataclass(frozen=True)
class _Change:
    """What is to be taken out of a table of intervals, and what is to be put into it."""

    obsolete: ir.Table
    fresh: ir.Table

    def write(self, connection: Backend, table: str) -> None:
        """Change the table by it."""
        connection.con.execute(
            f"""
            delete from metrics.{table} as kept
            using {self.obsolete.get_name()} as obsolete
            where kept.segment = obsolete.segment
                and kept.profile_id = obsolete.profile_id
                and kept.entered_on = obsolete.entered_on
            """
        )
        connection.insert(
            table, self.fresh.order_by("segment", "entered_on", "profile_id"), database=SCHEMA
        )


def _evaluate(connection: Backend, segments: Sequence[str], requested: ir.Table) -> tuple[int, int]:
    """Evaluate days anew, and count the memberships that are added and removed by it."""
    pair = ["segment", "as_of"]
    key = ["segment", "profile_id", "entered_on"]
    before = evaluations_table(connection)
    with ExitStack() as stages:

        def stage(name: str, rows: ir.Table) -> ir.Table:
            return stages.enter_context(staged(connection, name, rows))

        def change(name: str, intervals: ir.Table, days: ir.Table, members: ir.Table) -> _Change:
            """Work out what intervals become once these days hold these members."""
            stretch = Stretch(stage(f"{name}_stretch", stretch_of(before, days)))
            held = stage(f"{name}_before", stretch.intervals_in(intervals))
            becomes = stage(f"{name}_after", stretch.intervals_after(held, members))
            return _Change(
                obsolete=stage(f"{name}_obsolete", held.difference(becomes)),
                fresh=stage(f"{name}_fresh", becomes.difference(held)),
            )

        anew = stage("evaluations_anew", requested)
        after = stage("evaluations_after", before.anti_join(anew, pair).union(anew))
        named_before = rule_memberships_table(connection)
        named = change("named", named_before, anew, _named_members(connection, segments, anew))
        named_after = stage(
            "named_by_now", named_before.anti_join(named.obsolete, key).union(named.fresh)
        )
        reached = stage("days_in_reach", days_in_reach(before, after, anew))
        held = stage("held_members", held_members(reached, named_after, after))
        members = change("members", memberships_table(connection), reached, held)
        with transaction(connection):
            named.write(connection, "segment_rule_memberships")
            members.write(connection, "segment_memberships")
            connection.con.execute(
                """
                delete from metrics.segment_evaluations as kept
                using evaluations_anew as anew
                where kept.segment = anew.segment and kept.as_of = anew.as_of
                """
            )
            connection.insert(
                "segment_evaluations", anew.order_by("as_of", "segment"), database=SCHEMA
            )
        return int(members.fresh.count().execute()), int(members.obsolete.count().execute())


def _named_members(connection: Backend, segments: Sequence[str], days: ir.Table) -> ir.Table:
    """Whom the rules named on days, as the snapshots tell."""
    snapshots = ibis.union(
        *(
            connection.table(segment, database="segments").select(
                "profile_id", "as_of", segment=ibis.literal(segment)
            )
            for segment in sorted(set(segments))
        )
    )
    return with_current_profiles(connection, snapshots.semi_join(days, ["segment", "as_of"]))
