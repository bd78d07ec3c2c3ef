"""What must hold of a delivered audience: the content of an asset check.

Belongs here: counting people whom a destination should not hold. Does not belong here: removing
them (a sync does).
"""

from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience
from dagster_project.activation.tables import (
    acknowledged_members,
    consenting_profiles,
    create_tables,
    current_members,
)


def count_unwelcome_members(
    connection: Backend, audience: Audience, destination: str
) -> dict[str, int]:
    """Count the people in an audience who may not be there.

    Returns:
        `without_consent` and `excluded`.
    """
    create_tables(connection)
    members = acknowledged_members(connection, audience.name, destination)
    consenting = consenting_profiles(connection, audience.purpose)
    excluded = current_members(connection).filter(_.segment.isin(audience.exclude))
    return {
        "without_consent": int(members.anti_join(consenting, "profile_id").count().execute()),
        "excluded": int(members.semi_join(excluded, "profile_id").count().execute()),
    }
