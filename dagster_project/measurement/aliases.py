"""Memberships follow merges of profiles: who was two people is one in all that is counted.

A profile that was merged into another one gave up its id; `identity.profile_aliases` says which
profile every id stands for today. Whoever was in a segment under either id was in it.

Belongs here: finding and replacing ids that were given up. Does not belong here: deciding who is
one person (the stage `identity`), and what changes in the tables of past days (`merges`).
"""

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.measurement.tables import memberships_table, rule_memberships_table

_FOREVER = ibis.date("9999-12-31")


class MergesNotFollowedError(RuntimeError):
    """Memberships name people as two who are one by now."""


def with_current_profiles(connection: Backend, rows: ir.Table) -> ir.Table:
    """Let rows name the profile that their `profile_id` stands for today."""
    given_up = _given_up(connection)
    return (
        rows.left_join(given_up, [("profile_id", "given_up_id")])
        .mutate(profile_id=ibis.coalesce(_.current_profile_id, _.profile_id))
        .select(*rows.columns)
    )


def given_up_ids(connection: Backend) -> ir.Table:
    """Find the ids that memberships still name, though they were given up.

    Returns:
        `profile_id` and `current_profile_id`, whom it stands for today. Grain: (profile_id).
    """
    given_up = _given_up(connection)
    found = (
        table.join(given_up, [("profile_id", "given_up_id")]).select(
            "profile_id", "current_profile_id"
        )
        for table in (rule_memberships_table(connection), memberships_table(connection))
    )
    return ibis.union(*found, distinct=True)


def require_followed_merges(connection: Backend) -> None:
    """Refuse to compute anything while memberships name people as two who are one.

    Raises:
        MergesNotFollowedError: They do. What was counted of past days has to change together with
            them, or nobody can tell any more what was counted twice.
    """
    if given_up := int(given_up_ids(connection).count().execute()):
        raise MergesNotFollowedError(
            f"metrics.segment_memberships names {given_up} "
            f"{'id' if given_up == 1 else 'ids'} of profiles that were merged into others. "
            "Carry that over to the past days first: measurement.merges.follow_merges."
        )


def merged_intervals(connection: Backend, intervals: ir.Table) -> ir.Table:
    """The intervals of people under all their ids, as if they had been one from the beginning."""
    return _without_overlaps(with_current_profiles(connection, intervals))


def _given_up(connection: Backend) -> ir.Table:
    """The ids that were given up for another one. Grain: (given_up_id)."""
    aliases = connection.table("profile_aliases", database="identity")
    return aliases.filter(~_.is_current, _.current_profile_id.notnull()).select(
        "current_profile_id", given_up_id=_.profile_id
    )


def _without_overlaps(intervals: ir.Table) -> ir.Table:
    """Join intervals of a person that overlap or touch."""
    up_to_here = ibis.cumulative_window(
        group_by=["segment", "profile_id"], order_by=["entered_on", "ends_on"]
    )
    before = ibis.window(
        group_by=["segment", "profile_id"],
        order_by=["entered_on", "ends_on"],
        preceding=(None, 1),
    )
    ended = intervals.mutate(ends_on=_.exited_on.fill_null(_FOREVER))
    marked = ended.mutate(latest_end=_.ends_on.max().over(before))
    numbered = marked.mutate(
        run=(_.latest_end.isnull() | (_.entered_on > _.latest_end))
        .cast("int64")
        .sum()
        .over(up_to_here)
    )
    return (
        numbered.group_by("segment", "profile_id", "run")
        .aggregate(entered_on=_.entered_on.min(), ends_on=_.ends_on.max())
        .select(
            "segment",
            "profile_id",
            "entered_on",
            exited_on=(_.ends_on == _FOREVER).ifelse(ibis.null("date"), _.ends_on),
        )
    )
