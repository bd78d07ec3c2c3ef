"""Memberships follow merges of profiles: who was two people is one in all that is counted.

A profile that was merged into another one gave up its id; `identity.profile_aliases` says which
profile every id stands for today. Whoever was in a segment under either id was in it.

Belongs here: replacing ids that were given up. Does not belong here: deciding who is one person
(the stage `identity`).
"""

from contextlib import ExitStack

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.tables import SCHEMA, memberships_table

_FOREVER = ibis.date("9999-12-31")


def with_current_profiles(connection: Backend, rows: ir.Table) -> ir.Table:
    """Let rows name the profile that their `profile_id` stands for today."""
    given_up = _given_up(connection)
    return (
        rows.left_join(given_up, [("profile_id", "given_up_id")])
        .mutate(profile_id=ibis.coalesce(_.current_profile_id, _.profile_id))
        .select(*rows.columns)
    )


def follow_merges(connection: Backend) -> int:
    """Join the intervals of profiles that are one by now, and tell how many were renamed.

    The result is what the intervals would be, had these profiles been one from the beginning.

    Args:
        connection: The warehouse.
    """
    memberships = memberships_table(connection)
    given_up = _given_up(connection)
    renamed = memberships.semi_join(given_up, [("profile_id", "given_up_id")])
    count = int(renamed.count().execute())
    if count == 0:
        return 0
    touched = with_current_profiles(connection, renamed).select("segment", "profile_id").distinct()
    with ExitStack() as stages:
        resolved = with_current_profiles(connection, memberships).semi_join(
            touched, ["segment", "profile_id"]
        )
        joined = stages.enter_context(
            staged(connection, "intervals_joined", _without_overlaps(resolved))
        )
        with transaction(connection):
            connection.con.execute(
                """
                delete from metrics.segment_memberships as kept
                where (kept.segment, kept.profile_id) in (
                    select joined.segment, joined.profile_id from intervals_joined as joined
                )
                or kept.profile_id in (
                    select aliases.profile_id
                    from identity.profile_aliases as aliases
                    where not aliases.is_current and aliases.current_profile_id is not null
                )
                """
            )
            connection.insert(
                "segment_memberships",
                joined.order_by("segment", "entered_on", "profile_id"),
                database=SCHEMA,
            )
    return count


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
