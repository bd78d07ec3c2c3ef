"""Whether a day is one to deliver on.

Belongs here: what keeps a sync from starting. Does not belong here: whom it concerns (`audience`).
"""

from datetime import date

from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience


class SegmentNotEvaluatedError(LookupError):
    """A segment of the audience is not known on the day that shall be delivered."""


def is_old_day(connection: Backend, as_of: date) -> bool:
    """Tell whether any segment was evaluated on a newer day, so that nothing may be delivered.

    All segments count, not only those of an audience: a segment that was just added and is filled
    in from months ago would otherwise be delivered as it was then.

    Args:
        connection: The warehouse.
        as_of: The day.
    """
    evaluations = connection.table("segment_evaluations", database="metrics")
    return bool(evaluations.filter(_.as_of > as_of).count().execute())


def require_segments(connection: Backend, audience: Audience, as_of: date) -> None:
    """Refuse a day, the newest one, on which not all segments of an audience are known.

    Args:
        connection: The warehouse.
        audience: The audience, whose segments have to be evaluated.
        as_of: The day.

    Raises:
        SegmentNotEvaluatedError: Memberships of one of the segments do not reach that day. Going on
            would take yesterday's members, or let the people of an exclusion segment in.
    """
    newest = _newest_evaluations(connection, audience)
    for segment in audience.segments:
        if newest.get(segment) != as_of:
            raise SegmentNotEvaluatedError(
                f"The audience {audience.name} needs the segment {segment} of {as_of}, but its "
                f"newest day is {newest.get(segment, 'none at all')}. "
                f"Materialize metrics/segment_memberships for {as_of} first."
            )


def _newest_evaluations(connection: Backend, audience: Audience) -> dict[str, date]:
    newest = (
        connection.table("segment_evaluations", database="metrics")
        .filter(_.segment.isin(audience.segments))
        .group_by("segment")
        .aggregate(newest_on=_.as_of.max())
    )
    return {row["segment"]: row["newest_on"] for row in newest.to_pyarrow().to_pylist()}
