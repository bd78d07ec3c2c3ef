"""Memberships follow merges of profiles: who was two people is one in all that is counted.

A profile that was merged into another one gave up its id; `identity.profile_aliases` says which
profile every id stands for today. Whoever was in a segment under either id was in it.

Belongs here: replacing ids that were given up. Does not belong here: deciding who is one person
(the stage `identity`).
"""

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

_FOREVER = ibis.date("9999-12-31")


def with_current_profiles(connection: Backend, rows: ir.Table) -> ir.Table:
    """Let rows name the profile that their `profile_id` stands for today."""
    given_up = _given_up(connection)
    return (
        rows.left_join(given_up, [("profile_id", "given_up_id")])
        .mutate(profile_id=ibis.coalesce(_.current_profile_id, _.profile_id))
        .select(*rows.columns)
    )


def merged_profiles(connection: Backend, *tables: ir.Table) -> ir.Table:
    """Find the profiles of which tables still name an id that was given up. Grain: (profile_id)."""
    named = ibis.union(*(table.select("profile_id") for table in tables), distinct=True)
    given_up = _given_up(connection)
    return (
        named.join(given_up, [("profile_id", "given_up_id")])
        .select(profile_id=_.current_profile_id)
        .distinct()
    )


def ids_of_profiles(connection: Backend, profiles: ir.Table) -> ir.Table:
    """List all ids that stand for profiles: their own, and those that were given up for them."""
    given_up = _given_up(connection)
    former = given_up.semi_join(profiles, [("current_profile_id", "profile_id")])
    return profiles.select("profile_id").union(former.select(profile_id=_.given_up_id))


def merged_intervals(connection: Backend, intervals: ir.Table, profiles: ir.Table) -> ir.Table:
    """The intervals of profiles, as if they had been one from the beginning.

    Args:
        connection: The warehouse.
        intervals: Intervals, some under ids that were given up.
        profiles: Whose.
    """
    resolved = with_current_profiles(connection, intervals).semi_join(profiles, "profile_id")
    return _without_overlaps(resolved)


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
