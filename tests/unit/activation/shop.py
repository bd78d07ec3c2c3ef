"""A small shop for tests: who is in which segment, how to reach them, and what they agreed to."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience
from dagster_project.activation.delivery import SyncResult, synchronise
from dagster_project.activation.destinations import DeliveredBatch, Destination, Receipt
from dagster_project.activation.destinations.files import FileDestination
from dagster_project.activation.plan import Batch
from dagster_project.engine import open_warehouse

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (1, 2, 3))

CHAMPIONS = Audience(
    name="best_customers",
    segment="champions",
    purpose="email_marketing",
    identifiers=("email",),
    exclude=("recent_buyers",),
)
BY_PHONE = Audience(
    name="callers",
    segment="champions",
    purpose="email_marketing",
    identifiers=("email", "phone"),
    hashing="none",
)

_TABLES = """
    create schema metrics;
    create schema profiles;
    create schema identity;
    create table identity.profile_aliases (
        profile_id varchar, current_profile_id varchar, is_current boolean
    );
    create table metrics.segment_evaluations (segment varchar, as_of date);
    create table metrics.segment_memberships (
        segment varchar, profile_id varchar, entered_on date, exited_on date
    );
    create table profiles.contact_points (
        profile_id varchar, kind varchar, value varchar, is_primary boolean,
        has_bounced boolean default false
    );
    create table profiles.profile_consents (
        profile_id varchar, purpose varchar, is_granted boolean, names_every_address boolean
    );
    create table profiles.statements (
        kind varchar, value varchar, purpose varchar, is_granted boolean
    );
    -- A view, so that a test may give somebody an address before or after their consent.
    create view profiles.contact_point_consents as
    select kind, value, purpose, bool_and(is_granted) as is_granted
    from (
        select kind, value, purpose, is_granted
        from profiles.contact_points
        join profiles.profile_consents using (profile_id)
        where names_every_address or not is_granted
        union all by name
        from profiles.statements
    )
    group by all;
"""


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def crash(*_arguments: object) -> None:
    """Stand in for a function whose process is killed."""
    raise KeyboardInterrupt


class Shop:
    """A warehouse that knows how often it is open, and a folder for audiences."""

    def __init__(self, folder: Path) -> None:
        """Open without customers."""
        self.warehouse = folder / "warehouse.duckdb"
        self.audiences = folder / "audiences"
        self.open_connections = 0
        self.run(_TABLES)

    @contextmanager
    def connect(self) -> Iterator[Backend]:
        self.open_connections += 1
        try:
            with open_warehouse(self.warehouse) as connection:
                yield connection
        finally:
            self.open_connections -= 1

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.con.execute(sql, list(parameters)).fetchall()

    def on_day(self, as_of: date, **members: Iterable[str]) -> None:
        """Make a day the newest one, with the members of segments on it."""
        with self.connect() as connection:
            execute = connection.con.execute
            for segment in {"champions", "recent_buyers", *members}:
                execute("insert into metrics.segment_evaluations values (?, ?)", [segment, as_of])
                execute(
                    """
                    update metrics.segment_memberships set exited_on = ?
                    where segment = ? and exited_on is null
                    """,
                    [as_of, segment],
                )
                for profile in members.get(segment, ()):
                    execute(
                        "insert into metrics.segment_memberships values (?, ?, ?, null)",
                        [segment, profile, as_of],
                    )

    def reachable(self, *profiles: str, kind: str = "email") -> None:
        """Give profiles the primary contact point `<profile>@example.com` or `+1<profile>`."""
        pattern = "{}@example.com" if kind == "email" else "+1{}"
        with self.connect() as connection:
            connection.con.executemany(
                "insert into profiles.contact_points values (?, ?, ?, true, default)",
                [(profile, kind, pattern.format(profile)) for profile in profiles],
            )

    def contact_point(
        self, profile: str, kind: str, value: str, *, is_primary: bool = True
    ) -> None:
        """Give a profile a contact point; a primary one takes the place of the last."""
        with self.connect() as connection:
            connection.con.execute(
                """
                delete from profiles.contact_points
                where profile_id = ? and kind = ? and is_primary and ?
                """,
                [profile, kind, is_primary],
            )
            connection.con.execute(
                "insert into profiles.contact_points values (?, ?, ?, ?, default)",
                [profile, kind, value, is_primary],
            )

    def bounces(self, value: str) -> None:
        """Let mail to an address come back."""
        self.run("update profiles.contact_points set has_bounced = true where value = ?", [value])

    def consents(
        self,
        *profiles: str,
        is_granted: bool = True,
        purpose: str = "email_marketing",
        names_every_address: bool = True,
    ) -> None:
        """Let profiles say yes or no to a purpose; it replaces what they said before.

        They say it of every contact point that they have or will have, or a yes of none.
        """
        with self.connect() as connection:
            connection.con.executemany(
                "delete from profiles.profile_consents where profile_id = ? and purpose = ?",
                [(profile, purpose) for profile in profiles],
            )
            connection.con.executemany(
                "insert into profiles.profile_consents values (?, ?, ?, ?)",
                [(profile, purpose, is_granted, names_every_address) for profile in profiles],
            )

    def alias(self, issued: str, current: str) -> None:
        """Let an id that was issued stand for a profile."""
        self.run("delete from identity.profile_aliases where profile_id = ?", [issued])
        self.run(
            "insert into identity.profile_aliases values (?, ?, ?)",
            [issued, current, issued == current],
        )

    def merge(self, given_up: str, current: str) -> None:
        """Let two profiles be one person, reached as either was."""
        self.alias(given_up, current)
        self.run(
            "update profiles.contact_points set profile_id = ?, is_primary = false "
            "where profile_id = ?",
            [current, given_up],
        )

    def statement(self, value: str, *, is_granted: bool, kind: str = "email") -> None:
        """Let somebody say yes or no to marketing by e-mail of an address."""
        self.run(
            "insert into profiles.statements values (?, ?, 'email_marketing', ?)",
            [kind, value, is_granted],
        )

    def with_customers(self, *profiles: str) -> None:
        """Let profiles be there, reachable by e-mail, and agree to it."""
        for profile in profiles:
            self.alias(profile, profile)
        self.reachable(*profiles)
        self.consents(*profiles)

    def sync(
        self,
        as_of: date,
        *,
        audience: Audience = CHAMPIONS,
        destination: Destination | None = None,
        batch_size: int = 2,
    ) -> SyncResult:
        return synchronise(
            self.connect,
            audience,
            destination or FileDestination(self.audiences),
            as_of,
            batch_size=batch_size,
        )

    def held(self, audience: Audience = CHAMPIONS) -> list[str]:
        """The profiles that the destination has acknowledged."""
        rows = self.run(
            """
            select profile_id from activation.audience_members where audience = ?
            order by profile_id
            """,
            [audience.name],
        )
        return [row[0] for row in rows]

    def tables(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """The content of every table of activation."""
        return {
            table: self.run(f"from activation.{table} order by all")
            for table in ("audience_members", "completed_days", "sync_log", "sync_runs")
        }


@dataclass
class RecordingDestination:
    """Remembers what it is given, refuses whom it is told to, and breaks where it is told to."""

    shop: Shop
    refuses: Mapping[str, str] = field(default_factory=dict)
    breaks_at: int | None = None
    breaks_with: BaseException = field(default_factory=lambda: ConnectionError("foo@example.com"))
    batches: list[Batch] = field(default_factory=list)
    open_connections: int = 0
    name: str = "recorder"

    def deliver(self, batch: Batch) -> Receipt:
        self.open_connections += self.shop.open_connections
        if len(self.batches) == self.breaks_at:
            self.breaks_at = None
            raise self.breaks_with
        self.batches.append(batch)
        mine = set(batch.members["profile_id"]) & set(self.refuses)
        return Receipt(rejected={profile: self.refuses[profile] for profile in mine})

    def complete(
        self,
        audience: Audience,
        as_of: date,
        delivered: Sequence[DeliveredBatch],
        members: Iterable[pd.DataFrame],
    ) -> Sequence[Path]:
        del audience, as_of, delivered
        for _page in members:
            self.open_connections += self.shop.open_connections
        return []

    def delivered(self) -> list[tuple[str, list[str]]]:
        return [(batch.action, list(batch.members["profile_id"])) for batch in self.batches]
