"""What was attempted and what a destination acknowledged, kept together.

Belongs here: writing the outcome of a batch, reading back what a day delivered, and remembering
which days are complete. Does not belong here: deciding what to deliver (`plan`), delivering it
(`delivery`).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience
from dagster_project.activation.destinations import DeliveredBatch, Receipt
from dagster_project.activation.plan import Batch
from dagster_project.activation.tables import (
    IDENTIFIER_KINDS,
    SCHEMA,
    acknowledged_members,
    rows_about,
    unconfirmed_members,
)
from dagster_project.engine import staged, transaction


@dataclass(frozen=True)
class Sync:
    """One run of carrying an audience to a destination.

    Attributes:
        sync_id: Its id in `activation.sync_log` and `activation.sync_runs`.
        destination: The name of the destination.
    """

    sync_id: str
    destination: str


def record_announcement(connection: Backend, sync: Sync, batch: Batch) -> None:
    """Remember, before it is delivered, whom a destination will hold if a batch arrives.

    Until its outcome is recorded, nobody knows. Whoever is to leave is held until they have left.
    """
    if batch.action == "remove":
        return
    announced_members = batch.members.assign(outcome="announced")
    with _staged(connection, announced_members) as announced, transaction(connection):
        _delete_staged(connection, "unconfirmed_members", sync, batch, ["announced"])
        connection.insert(
            "unconfirmed_members",
            announced.select(
                audience=ibis.literal(batch.audience.name),
                destination=ibis.literal(sync.destination),
                profile_id=_.profile_id,
                **{kind: _[kind] for kind in IDENTIFIER_KINDS},
                attempted_as_of=ibis.literal(batch.as_of),
            ),
            database=SCHEMA,
        )


def record_receipt(connection: Backend, sync: Sync, batch: Batch, receipt: Receipt) -> None:
    """Record what became of a batch, and what the destination holds now, in one transaction.

    Whoever was rejected counts as not delivered: the next run finds the same difference and tries
    again.
    """
    rejections = pd.DataFrame(
        {"profile_id": list(receipt.rejected), "reason": list(receipt.rejected.values())},
        dtype="str",
    )
    attempted = batch.members.merge(rejections, how="left", on="profile_id")
    outcome = attempted["reason"].isna().map({True: "accepted", False: "rejected"})
    _record(connection, sync, batch, attempted.assign(outcome=outcome))


def record_failure(connection: Backend, sync: Sync, batch: Batch, reason: str) -> None:
    """Record that a batch as a whole did not arrive, or may not have; its people stay in doubt."""
    _record(connection, sync, batch, batch.members.assign(outcome="failed", reason=reason))


def _record(connection: Backend, sync: Sync, batch: Batch, attempted: pd.DataFrame) -> None:
    audience = batch.audience.name
    with _staged(connection, attempted) as staged, transaction(connection):
        attempt = _next_attempt(connection)
        connection.insert(
            "sync_log",
            staged.select(
                attempt=ibis.literal(attempt, "int64"),
                sync_id=ibis.literal(sync.sync_id),
                audience=ibis.literal(audience),
                destination=ibis.literal(sync.destination),
                as_of=ibis.literal(batch.as_of),
                profile_id=_.profile_id,
                action=ibis.literal(batch.action),
                batch_id=ibis.literal(batch.batch_id),
                outcome=_.outcome,
                reason=_.reason,
                attempted_at=ibis.literal(datetime.now(UTC).replace(tzinfo=None)),
            ),
            database=SCHEMA,
        )
        _delete_staged(connection, "audience_members", sync, batch, ["accepted"])
        if batch.action == "add":
            connection.insert(
                "audience_members",
                staged.filter(_.outcome == "accepted").select(
                    audience=ibis.literal(audience),
                    destination=ibis.literal(sync.destination),
                    profile_id=_.profile_id,
                    **{kind: _[kind] for kind in IDENTIFIER_KINDS},
                    acknowledged_as_of=ibis.literal(batch.as_of),
                ),
                database=SCHEMA,
            )
        # Whoever may have joined and could not be taken back stays in doubt.
        answers = ["accepted", "rejected"] if batch.action == "add" else ["accepted"]
        _delete_staged(connection, "unconfirmed_members", sync, batch, answers)


def _delete_staged(
    connection: Backend, table: str, sync: Sync, batch: Batch, outcomes: Sequence[str]
) -> None:
    """Delete the staged people with one of these outcomes from a table."""
    connection.con.execute(
        f"""
        delete from activation.{table}
        where audience = ? and destination = ? and profile_id in (
            select profile_id from temp.staged_members where outcome in (select unnest(?))
        )
        """,
        [batch.audience.name, sync.destination, list(outcomes)],
    )


def _staged(connection: Backend, members: pd.DataFrame) -> AbstractContextManager[ir.Table]:
    """Put the people of a batch beside the tables, for as long as they are worked with."""
    columns = ["profile_id", *IDENTIFIER_KINDS, "outcome", "reason"]
    rows = members.reindex(columns=columns).astype("str")
    memory = ibis.memtable(rows, schema=dict.fromkeys(columns, "string"))
    return staged(connection, "staged_members", memory)


def _next_attempt(connection: Backend) -> int:
    newest = connection.table("sync_log", database=SCHEMA).attempt.max()
    return int(newest.fill_null(0).execute()) + 1


def delivered_batches(
    connection: Backend, audience: Audience, destination: str, as_of: date
) -> list[DeliveredBatch]:
    """List the batches that a destination acknowledged on a day, in the order of delivery.

    A batch that was delivered twice stands where it was last: carried out in this order, the
    batches lead to what the destination holds.
    """
    batches = (
        _accepted(connection, audience, destination)
        .filter(_.as_of == as_of)
        .group_by("batch_id", "action")
        .aggregate(last_attempt=_.attempt.max())
        .order_by("last_attempt")
    )
    return [
        DeliveredBatch(batch_id=row["batch_id"], action=row["action"])
        for row in batches.to_pyarrow().to_pylist()
    ]


def incomplete_days(connection: Backend, audience: Audience, destination: str) -> list[date]:
    """List the days with batches that were acknowledged after the day was last completed.

    Also those with a batch of which nobody knows whether it arrived: what it left behind belongs
    to no acknowledged batch.
    """
    last_accepted = (
        _accepted(connection, audience, destination)
        .group_by("as_of")
        .aggregate(last_attempt=_.attempt.max())
    )
    completed = rows_about(connection, "completed_days", audience.name, destination)
    incomplete = last_accepted.anti_join(completed, ["as_of", "last_attempt"]).select("as_of")
    unconfirmed = unconfirmed_members(connection, audience.name, destination)
    in_doubt = unconfirmed.select(as_of=_.attempted_as_of).distinct()
    days = (table.to_pyarrow()["as_of"].to_pylist() for table in (incomplete, in_doubt))
    return sorted(set().union(*days))


def record_completion(
    connection: Backend, audience: Audience, destination: str, as_of: date
) -> None:
    """Record that a destination did what is due after all batches of a day so far."""
    key = [audience.name, destination, as_of]
    with transaction(connection):
        connection.con.execute(
            """
            delete from activation.completed_days
            where audience = ? and destination = ? and as_of = ?
            """,
            key,
        )
        connection.con.execute(
            """
            insert into activation.completed_days by name
            select audience, destination, as_of, max(attempt) as last_attempt
            from activation.sync_log
            where audience = ? and destination = ? and as_of = ? and outcome = 'accepted'
            group by audience, destination, as_of
            """,
            key,
        )


def _accepted(connection: Backend, audience: Audience, destination: str) -> ir.Table:
    log = rows_about(connection, "sync_log", audience.name, destination)
    return log.filter(log.outcome == "accepted")


def follow_merges(connection: Backend, audience: Audience, destination: str) -> None:
    """Let what the destination holds of a profile that was merged count for the one it is now.

    What it was told stays true, since it knows people by their identifiers and not by their ids.
    Where it holds both, or may hold one of them, the id that was given up stays: nobody desires it,
    so that it is taken back, but for identifiers that are still held for somebody.
    """
    for table in ("audience_members", "unconfirmed_members"):
        connection.con.execute(
            f"""
            update activation.{table} as held
            set profile_id = merged.current_profile_id
            from (
                select held.profile_id, aliases.current_profile_id
                from activation.{table} as held
                join identity.profile_aliases as aliases using (profile_id)
                where held.audience = $audience and held.destination = $destination
                    and not aliases.is_current
                    and aliases.current_profile_id not in (
                        select profile_id from activation.audience_members
                        where audience = $audience and destination = $destination
                        union all
                        select profile_id from activation.unconfirmed_members
                        where audience = $audience and destination = $destination
                    )
                qualify row_number() over (
                    partition by aliases.current_profile_id order by held.profile_id
                ) = 1
            ) as merged
            where held.audience = $audience and held.destination = $destination
                and held.profile_id = merged.profile_id
            """,
            {"audience": audience.name, "destination": destination},
        )


def count_members(connection: Backend, audience: Audience, destination: str) -> int:
    """Count whom the destination holds."""
    return int(acknowledged_members(connection, audience.name, destination).count().execute())


def create_audience_view(connection: Backend, audience: Audience, destination: str) -> None:
    """Show an audience as the destination holds it, as `activation.<name>`."""
    columns = ", ".join(["profile_id", *audience.identifiers, "acknowledged_as_of"])
    connection.con.execute(
        f"""
        create or replace view activation.{audience.name} as
        select {columns}
        from activation.audience_members
        where audience = '{audience.name}' and destination = '{destination}'
        """
    )
