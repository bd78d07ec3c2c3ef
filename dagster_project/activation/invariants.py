"""What must hold of a delivered audience: the content of an asset check.

Belongs here: counting people whom a destination should not hold. Does not belong here: removing
them (a sync does).
"""

import ibis
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience, as_delivered
from dagster_project.activation.tables import (
    IDENTIFIER_KINDS,
    acknowledged_members,
    consenting_profiles,
    create_tables,
    current_members,
    usable_contact_points,
)


def count_unwelcome_members(
    connection: Backend, audience: Audience, destination: str
) -> dict[str, int]:
    """Count the people in an audience who may not be there.

    Returns:
        `without_consent`, `excluded`, and `with_unusable_address`: whom the destination knows by an
        address or number that may not be used any more for the purpose. Somebody may count in
        several of them.
    """
    create_tables(connection)
    members = acknowledged_members(connection, audience.name, destination)
    consenting = consenting_profiles(connection, audience.purpose)
    excluded = current_members(connection).filter(_.segment.isin(audience.exclude))
    usable = usable_contact_points(connection, audience.purpose)
    known_by = ibis.union(
        *(
            members.select("profile_id", kind=ibis.literal(kind), value=members[kind])
            for kind in IDENTIFIER_KINDS
        )
    ).filter(_.value.notnull())
    unusable = known_by.anti_join(
        usable.select("kind", value=as_delivered(usable.value, audience.hashing)),
        ["kind", "value"],
    )
    return {
        "without_consent": int(members.anti_join(consenting, "profile_id").count().execute()),
        "excluded": int(members.semi_join(excluded, "profile_id").count().execute()),
        "with_unusable_address": int(unusable.profile_id.nunique().execute()),
    }
