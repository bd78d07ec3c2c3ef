"""The tables of the schema `activation`, and what audiences are read from in other stages.

Belongs here: definitions of tables. Does not belong here: what is written into them (`log`), and
what is read from them (`audience`, `plan`, `guard`).
"""

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

SCHEMA = "activation"
IDENTIFIER_KINDS = ("email", "phone")
"""What a destination can know a person by: kinds of contact points, each a column in the tables."""

_DEFINITIONS = (
    "create schema if not exists activation",
    # Grain: (audience, destination, profile_id). What a destination has acknowledged, with the
    # identifiers as they were delivered: hashed where the destination accepts hashes.
    """
    create table if not exists activation.audience_members (
        audience varchar not null,
        destination varchar not null,
        profile_id varchar not null,
        email varchar,
        phone varchar,
        acknowledged_as_of date not null
    )
    """,
    # Grain: (audience, destination, profile_id). Who was handed to a destination that has not said
    # whether it took them: it may hold them, with these identifiers.
    """
    create table if not exists activation.unconfirmed_members (
        audience varchar not null,
        destination varchar not null,
        profile_id varchar not null,
        email varchar,
        phone varchar,
        attempted_as_of date not null
    )
    """,
    # Grain: (profile_id, attempt). Append-only. An attempt is one try to deliver one batch, with
    # a number from 1 in the order in which they were recorded: a clock may go back.
    """
    create table if not exists activation.sync_log (
        attempt bigint not null,
        sync_id varchar not null,
        audience varchar not null,
        destination varchar not null,
        as_of date not null,
        profile_id varchar not null,
        action varchar not null,
        batch_id varchar not null,
        outcome varchar not null,
        reason varchar,
        attempted_at timestamp not null
    )
    """,
    # Grain: (audience, destination, as_of). The newest accepted attempt that a day's completion
    # covers. A day with a newer one is not complete.
    """
    create table if not exists activation.completed_days (
        audience varchar not null,
        destination varchar not null,
        as_of date not null,
        last_attempt bigint not null
    )
    """,
    # A view, so that it cannot disagree with the log, even after a crash.
    """
    create view if not exists activation.sync_runs as
    select
        sync_id,
        audience,
        destination,
        as_of,
        count(*) filter (where outcome = 'accepted' and action = 'add') as adds,
        count(*) filter (where outcome = 'accepted' and action = 'remove') as removes,
        count(*) filter (where outcome = 'rejected') as rejected,
        count(*) filter (where outcome = 'failed') as failed,
        count(distinct batch_id) as batches,
        min(attempted_at) as started_at,
        max(attempted_at) as finished_at,
    from activation.sync_log
    group by sync_id, audience, destination, as_of
    """,
    # Grain: (profile_id, attempt). The log keeps the ids that were delivered. Here the whole story
    # of a person stands under the id of today, whatever ids were merged into it; null: whose
    # records are all gone.
    """
    create view if not exists activation.current_sync_log as
    select log.*, aliases.current_profile_id
    from activation.sync_log as log
    left join identity.profile_aliases as aliases using (profile_id)
    """,
)


def create_tables(connection: Backend) -> None:
    """Create the tables and views that do not exist yet."""
    for definition in _DEFINITIONS:
        connection.con.execute(definition)


def rows_about(connection: Backend, table: str, audience: str, destination: str) -> ir.Table:
    """The rows of a table of this schema that are about an audience at a destination."""
    rows = connection.table(table, database=SCHEMA)
    return rows.filter(rows.audience == audience, rows.destination == destination)


def acknowledged_members(connection: Backend, audience: str, destination: str) -> ir.Table:
    """Whom a destination holds, as it acknowledged. Grain: (profile_id)."""
    members = rows_about(connection, "audience_members", audience, destination)
    return members.select("profile_id", *IDENTIFIER_KINDS, "acknowledged_as_of")


def unconfirmed_members(connection: Backend, audience: str, destination: str) -> ir.Table:
    """Whom a destination may hold, though it has not acknowledged them. Grain: (profile_id)."""
    members = rows_about(connection, "unconfirmed_members", audience, destination)
    return members.select("profile_id", *IDENTIFIER_KINDS, "attempted_as_of")


def current_members(connection: Backend) -> ir.Table:
    """Who is in which segment on the newest day. Grain: (segment, profile_id)."""
    memberships = connection.table("segment_memberships", database="metrics")
    return memberships.filter(memberships.exited_on.isnull()).select("segment", "profile_id")


def consenting_profiles(connection: Backend, purpose: str) -> ir.Table:
    """Who said yes to a purpose; whoever was never asked did not. Grain: (profile_id)."""
    consents = connection.table("profile_consents", database="profiles")
    return consents.filter(consents.purpose == purpose, consents.is_granted).select("profile_id")


def usable_contact_points(connection: Backend, purpose: str) -> ir.Table:
    """The addresses and numbers that may be used for a purpose. Grain: (kind, value).

    A yes counts for the address that it was said of, and a no for all that reaches whoever said
    it: `profiles.contact_point_consents` has weighed them.
    """
    consents = connection.table("contact_point_consents", database="profiles")
    granted = consents.filter(consents.purpose == purpose, consents.is_granted)
    return granted.select("kind", "value").distinct()
