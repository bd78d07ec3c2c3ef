"""What must hold of memberships and metrics whatever happened: the content of asset checks.

Each function counts what breaks a rule, so 0 is good.

Belongs here: rules over whole tables that no single refresh can promise. Does not belong here:
examples of correct results (tests).
"""

import ibis
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.measurement.tables import (
    create_tables,
    evaluations_table,
    memberships_table,
    metrics_table,
)


def count_broken_memberships(connection: Backend) -> int:
    """Count intervals that end before they begin, or after the next one of the member begins.

    Intervals that only touch are counted too: they should have been one.
    """
    create_tables(connection)
    by_member = ibis.window(group_by=["segment", "profile_id"], order_by="entered_on")
    followed = memberships_table(connection).mutate(next_on=_.entered_on.lead().over(by_member))
    has_no_length = _.exited_on <= _.entered_on
    meets_the_next = _.next_on.notnull() & (_.exited_on.isnull() | (_.exited_on >= _.next_on))
    broken = followed.filter(has_no_length.fill_null(False) | meets_the_next)
    return int(broken.count().execute())


def count_members_without_profile(connection: Backend) -> int:
    """Count the people who are in a segment on the newest day, but are no profile any more.

    When identities are resolved anew, a person may get another `profile_id`. Memberships keep the
    one that their day was evaluated with, and nothing that is joined to them later, such as sales,
    finds that person.
    """
    create_tables(connection)
    evaluations = evaluations_table(connection)
    newest = evaluations.filter(_.as_of == evaluations.as_of.max()).select("segment").distinct()
    members = (
        memberships_table(connection).filter(_.exited_on.isnull()).semi_join(newest, "segment")
    )
    profiles = connection.table("profiles", database="profiles")
    return int(members.anti_join(profiles, "profile_id").profile_id.nunique().execute())


def count_unbalanced_metrics(connection: Backend) -> int:
    """Count rows where customers at the start, plus entered, less exited, are not those at the end.

    Rows whose start is unknown are balanced by definition.
    """
    create_tables(connection)
    at_end = _.customers_start + _.entered - _.exited
    unbalanced = metrics_table(connection).filter(at_end != _.customers_end)
    return int(unbalanced.count().execute())
