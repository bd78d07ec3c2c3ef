"""Who should be in an audience today.

Belongs here: the declaration of an audience and the one expression that says who is desired. Does
not belong here: what a destination already holds (`plan`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.tables import (
    IDENTIFIER_KINDS,
    consenting_profiles,
    current_members,
    usable_contact_points,
)

Hashing = Literal["sha256", "none"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Audience:
    """What is declared of an audience.

    Attributes:
        name: Its name, which is also the name of a view in the schema `activation`.
        segment: Whose current members it is made of.
        purpose: The purpose that a member must have consented to.
        identifiers: The kinds of identifiers that the destination needs; one of them is enough.
        exclude: Segments whose current members stay out.
        hashing: Whether identifiers leave as SHA-256 of their normalised value, or as they are.
    """

    name: str
    segment: str
    purpose: str
    identifiers: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    hashing: Hashing = "sha256"

    def __post_init__(self) -> None:
        """Refuse what cannot become a view, a folder or a column."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"The audience {self.name!r} needs a name of lower-case letters, digits and "
                "underscores that starts with a letter."
            )
        unknown = sorted(set(self.identifiers) - set(IDENTIFIER_KINDS))
        if unknown or not self.identifiers:
            raise ValueError(
                f"The audience {self.name!r} needs identifiers out of "
                f"{', '.join(IDENTIFIER_KINDS)}; it has {', '.join(unknown) or 'none'}."
            )

    @property
    def segments(self) -> tuple[str, ...]:
        """All segments that the audience depends on."""
        return (self.segment, *self.exclude)


def candidates(connection: Backend, audience: Audience) -> ir.Table:
    """Each current member of the segment, with what decides whether it is desired.

    Args:
        connection: The warehouse.
        audience: The audience.

    Returns:
        `profile_id`; `is_excluded`, `is_consenting`, `is_contactable` (by an identifier that may be
        used for the purpose and has not bounced); and a column for each kind of identifier, as it
        would be delivered. Grain: (profile_id).
    """
    members = current_members(connection)
    excluded = members.filter(_.segment.isin(audience.exclude)).select("profile_id").distinct()
    consenting = consenting_profiles(connection, audience.purpose).distinct()
    deliverable = _deliverable_identifiers(connection, audience)
    return (
        members.filter(_.segment == audience.segment)
        .select("profile_id")
        .left_join(excluded.mutate(is_excluded=True), "profile_id")
        .drop("profile_id_right")
        .left_join(consenting.mutate(is_consenting=True), "profile_id")
        .drop("profile_id_right")
        .left_join(deliverable, "profile_id")
        .select(
            "profile_id",
            *IDENTIFIER_KINDS,
            is_excluded=_.is_excluded.fill_null(False),
            is_consenting=_.is_consenting.fill_null(False),
            is_contactable=ibis.or_(*(_[kind].notnull() for kind in audience.identifiers)),
        )
    )


def desired_members(connection: Backend, audience: Audience) -> ir.Table:
    """Who should be in the audience, and as what the destination shall know them.

    Args:
        connection: The warehouse.
        audience: The audience.

    Returns:
        `profile_id` and a column for each kind of identifier, null for one that is not known, not
        needed, may not be used or has bounced. Grain: (profile_id).
    """
    wanted = ~_.is_excluded & _.is_consenting & _.is_contactable
    return candidates(connection, audience).filter(wanted).select("profile_id", *IDENTIFIER_KINDS)


def as_delivered(value: ir.StringValue, hashing: Hashing) -> ir.StringValue:
    """Turn a normalised identifier into what a destination shall know it by."""
    return value if hashing == "none" else value.hexdigest("sha256")


def count_candidates(connection: Backend, audience: Audience) -> Mapping[str, int]:
    """Count the members of the segment by the first reason that keeps them out.

    Returns:
        `members`, of whom `excluded`, `not_consenting`, `not_contactable` and `desired`.
    """
    counted = candidates(connection, audience).aggregate(
        members=_.count(),
        excluded=_.is_excluded.sum(),
        not_consenting=(~_.is_excluded & ~_.is_consenting).sum(),
        not_contactable=(~_.is_excluded & _.is_consenting & ~_.is_contactable).sum(),
        desired=(~_.is_excluded & _.is_consenting & _.is_contactable).sum(),
    )
    row = counted.to_pyarrow().to_pylist()[0]
    return {name: int(count or 0) for name, count in row.items()}


def _deliverable_identifiers(connection: Backend, audience: Audience) -> ir.Table:
    """The usable primary identifiers that the destination needs, a column for each kind.

    An address that bounced takes no mail, and a destination that keeps on trying harms the sender.
    """
    points = connection.table("contact_points", database="profiles")
    usable = usable_contact_points(connection, audience.purpose)
    primary = points.filter(
        points.is_primary, ~points.has_bounced, points.kind.isin(audience.identifiers)
    ).semi_join(usable, ["kind", "value"])
    by_profile = primary.group_by("profile_id").aggregate(
        **{kind: primary.value.max(where=primary.kind == kind) for kind in IDENTIFIER_KINDS}
    )
    return by_profile.mutate(
        **{kind: as_delivered(by_profile[kind], audience.hashing) for kind in IDENTIFIER_KINDS}
    )
