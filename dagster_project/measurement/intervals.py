"""Days on which people are in something, kept as intervals of evaluated days.

A person enters on the first of a run of evaluated days, and exits on the evaluated day after the
last of them. Days that were not evaluated lie inside an interval or between two of them, as their
neighbours tell. Both whom rules name and who is a member is kept like this.

Belongs here: replacing what intervals say of some days, and nothing else of them. Does not belong
here: what the intervals mean (`memberships`).
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

INTERVAL = ["segment", "profile_id", "entered_on", "exited_on"]


@dataclass(frozen=True)
class Stretch:
    """The evaluated days that have to be looked at when some of them change.

    Attributes:
        days: The days that change, those between them, and the one before and the one after, by
            segment. Grain: (segment, as_of).
    """

    days: ir.Table

    def intervals_in(self, intervals: ir.Table) -> ir.Table:
        """The intervals that hold one of the days of the stretch."""
        ends = self.days.group_by("segment").aggregate(
            first_on=_.as_of.min(), last_on=_.as_of.max()
        )
        return intervals.join(
            ends,
            [
                intervals.segment == ends.segment,
                intervals.entered_on <= ends.last_on,
                intervals.exited_on.isnull() | (intervals.exited_on > ends.first_on),
            ],
        ).select(*INTERVAL)

    def intervals_after(self, before: ir.Table, members: ir.Table) -> ir.Table:
        """The intervals of the stretch once the days that change hold these members.

        Args:
            before: The intervals that hold one of its days.
            members: Who is in it on the days that change, and maybe on others, which are left out.
        """
        return _intervals_of(self._remembered(before).union(self._observed(members)))

    def _remembered(self, before: ir.Table) -> ir.Table:
        """Who was in it on the days that do not change.

        On the day before the stretch and on the day after it, an interval reaches as far out of the
        stretch as it did.
        """
        remembered = self.days.filter(_.place != "changed")
        return before.join(
            remembered,
            [
                before.segment == remembered.segment,
                before.entered_on <= remembered.as_of,
                before.exited_on.isnull() | (before.exited_on > remembered.as_of),
            ],
        ).select(
            "segment",
            "profile_id",
            "position",
            starts_on=(_.place == "before").ifelse(_.entered_on, _.as_of),
            ends_on=(_.place == "after").ifelse(_.exited_on, _.next_on),
        )

    def _observed(self, members: ir.Table) -> ir.Table:
        changed = self.days.filter(_.place == "changed")
        return (
            members.join(changed, ["segment", "as_of"])
            .select("segment", "profile_id", "position", starts_on=_.as_of, ends_on=_.next_on)
            .distinct()
        )


def stretch_of(evaluations: ir.Table, changed: ir.Table) -> ir.Table:
    """List the days of the stretch in which days change, numbered.

    Args:
        evaluations: The evaluated days by segment.
        changed: The days that change, by segment, evaluated before or not.

    Returns:
        The days of a `Stretch`. Grain: (segment, as_of).
    """
    changed = changed.select("segment", "as_of")
    ends = changed.group_by("segment").aggregate(first_on=_.as_of.min(), last_on=_.as_of.max())
    others = evaluations.select("segment", "as_of").anti_join(changed, ["segment", "as_of"])
    placed = others.join(ends, "segment").mutate(
        place=ibis.cases(
            (_.as_of < _.first_on, "before"), (_.as_of > _.last_on, "after"), else_="between"
        )
    )
    beside = ibis.union(
        placed.filter(_.place == "before")
        .group_by("segment", "place")
        .aggregate(as_of=_.as_of.max())
        .select("segment", "as_of", "place"),
        placed.filter(_.place == "between").select("segment", "as_of", "place"),
        placed.filter(_.place == "after")
        .group_by("segment", "place")
        .aggregate(as_of=_.as_of.min())
        .select("segment", "as_of", "place"),
    )
    by_day = ibis.window(group_by="segment", order_by="as_of")
    return (
        changed.mutate(place=ibis.literal("changed"))
        .union(beside)
        .mutate(position=ibis.row_number().over(by_day), next_on=_.as_of.lead().over(by_day))
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
        .select(*INTERVAL)
    )
