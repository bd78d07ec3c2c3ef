"""How the members of a segment are kept: what its declaration adds to its rule.

A rule names people day by day. Its policy has them stay for a minimum of days, so that nobody
flaps, and lets only one segment of an exclusive family hold a person: the one that ranks first of
those in which the person would be. A day is judged by the policy of the last run of that very day:
changing a policy changes days that are run again, and no other.

Belongs here: who is a member by rules and policies. Does not belong here: keeping that as intervals
(`memberships`), and where policies are declared (`dagster_project.segments`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _


@dataclass(frozen=True)
class MembershipPolicy:
    """How the members of one segment are kept.

    Attributes:
        minimum_days: A member on a day is who was named on it or on one of the days before it, as
            many as make this number together with it. 1: who is named, and nobody else.
        family: Segments of one family exclude each other.
        priority: Among those of a family that would hold a person, the lowest holds it.
        ends_on: The last day on which anybody is held; nobody is afterwards.
    """

    minimum_days: int = 1
    family: str | None = None
    priority: int | None = None
    ends_on: date | None = None


_DEFAULT = MembershipPolicy()


def policies_of_days(
    policies: Mapping[str, MembershipPolicy], segments: Sequence[str], days: Sequence[date]
) -> ir.Table:
    """Give each segment its policy on each day. Grain: (segment, as_of).

    Args:
        policies: The policies by segment; those that are missing add nothing to the rule.
        segments: The segments.
        days: The days.
    """
    rows = []
    for segment in sorted(set(segments)):
        policy = policies.get(segment, _DEFAULT)
        for day in sorted(set(days)):
            # Past its end the rule names nobody, and nobody stays.
            is_over = policy.ends_on is not None and day > policy.ends_on
            minimum_days = 1 if is_over else policy.minimum_days
            rows.append((segment, day, minimum_days, policy.family, policy.priority))
    return ibis.memtable(
        rows,
        schema={
            "segment": "string",
            "as_of": "date",
            "minimum_days": "int32",
            "family": "string",
            "priority": "int32",
        },
    )


def days_in_reach(before: ir.Table, after: ir.Table, requested: ir.Table) -> ir.Table:
    """Find the evaluated days whose members may be others once days are evaluated anew.

    Those are the days themselves, the later ones on which members of theirs may still be held, and
    the same days of all segments of their families, of now and of before.

    Args:
        before: The evaluations, with policies, as they were.
        after: The evaluations as they will be.
        requested: The pairs of segment and day that are evaluated anew.

    Returns:
        Pairs of segment and day.
    """
    held_from = requested.select("segment", held_from=_.as_of)
    reached = after.join(
        held_from,
        [
            after.segment == held_from.segment,
            after.as_of >= held_from.held_from,
            after.as_of.delta(held_from.held_from, unit="day") < after.minimum_days,
        ],
    ).select("segment", "as_of", "family")
    had_families = before.semi_join(requested, ["segment", "as_of"])
    families = (
        ibis.union(reached.select("family", "as_of"), had_families.select("family", "as_of"))
        .filter(_.family.notnull())
        .distinct()
    )
    relatives = after.semi_join(families, ["family", "as_of"])
    return ibis.union(
        reached.select("segment", "as_of"), relatives.select("segment", "as_of"), distinct=True
    )


def held_members(pairs: ir.Table, named: ir.Table, evaluations: ir.Table) -> ir.Table:
    """Tell who is a member on days, by rules and policies.

    Args:
        pairs: Segments and days; of a family, all segments that were evaluated on the day.
        named: Whom the rules named from when until when.
        evaluations: All evaluated days, with the policies.

    Returns:
        The members. Grain: (segment, as_of, profile_id).
    """
    by_segment = ibis.window(group_by="segment", order_by="as_of")
    ends = evaluations.select(
        "segment", exited_on=_.as_of, last_named_on=_.as_of.lag().over(by_segment)
    )
    spans = named.left_join(ends, ["segment", "exited_on"]).select(
        "segment", "profile_id", "entered_on", "exited_on", "last_named_on"
    )
    judged = evaluations.semi_join(pairs, ["segment", "as_of"])
    held = judged.join(
        spans,
        [
            judged.segment == spans.segment,
            spans.entered_on <= judged.as_of,
            spans.exited_on.isnull()
            | (spans.exited_on > judged.as_of)
            | (judged.as_of.delta(spans.last_named_on, unit="day") < judged.minimum_days),
        ],
    ).select("segment", "as_of", "profile_id", "family", "priority")
    alone = held.filter(_.family.isnull()).select("segment", "as_of", "profile_id").distinct()
    by_rank = ibis.window(
        group_by=["family", "as_of", "profile_id"], order_by=["priority", "segment"]
    )
    foremost = (
        held.filter(_.family.notnull())
        .distinct()
        .mutate(rank=ibis.row_number().over(by_rank))
        .filter(_.rank == 0)
        .select("segment", "as_of", "profile_id")
    )
    return alone.union(foremost)
