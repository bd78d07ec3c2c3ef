"""The difference between who should be in an audience and whom the destination holds.

A destination holds whom it acknowledged, and may hold whom it was handed without saying so: a crash
or an error came between. Such a person is handed over again, or taken back if no longer desired.

People who are to leave come first, then those who are to join, each in the order of their ids and
in batches of a bounded size. A changed identifier is a removal of the person as delivered and an
addition as of now, so that no destination has to know what an update is. A removal leaves out an
identifier that the destination also holds for somebody who stays, such as a phone that two people
share.

Nothing of a plan is stored. It is read page by page, and the warehouse is closed before a page is
handed out. After a crash the difference is simply taken again: what was acknowledged is no longer
part of it, and what was not comes out in the same batches as before.

Belongs here: what is to be delivered. Does not belong here: delivering it (`delivery`).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.activation.audience import Audience, desired_members
from dagster_project.activation.tables import (
    IDENTIFIER_KINDS,
    acknowledged_members,
    unconfirmed_members,
)
from dagster_project.engine import staged

Action = Literal["remove", "add"]

OpenWarehouse = Callable[[], AbstractContextManager[Backend]]
"""Opens the warehouse for as long as a block lasts."""

_PAGE_ROWS = 100_000
_MEMBER = ["profile_id", *IDENTIFIER_KINDS]


@dataclass(frozen=True)
class Batch:
    """People that a destination is told about in one go.

    Attributes:
        audience: The audience that they leave or join.
        as_of: The day that is delivered.
        action: Whether they leave or join.
        members: `profile_id` and the audience's identifiers, those of a removal with every kind
            that the destination may know somebody by; bounded in size.
        batch_id: Made from all of the above and the number of batches that the day had before: a
            batch that is delivered again can be recognised, and who leaves a second time is not
            taken for who left the first time.
    """

    audience: Audience
    as_of: date
    action: Action
    members: pd.DataFrame
    batch_id: str


@dataclass(frozen=True)
class Difference:
    """How far a destination is from the desired audience.

    Attributes:
        adds: How many people are to join, those with a changed identifier included.
        removes: How many are to leave, those with a changed identifier included, and those of
            whom nobody knows whether they joined.
        unchanged: How many stay as they are.
    """

    adds: int
    removes: int
    unchanged: int

    @property
    def actions(self) -> Sequence[Action]:
        """What is to be done, in the order in which it is."""
        removal: list[Action] = ["remove"] if self.removes else []
        addition: list[Action] = ["add"] if self.adds else []
        return [*removal, *addition]


def measure_difference(connection: Backend, audience: Audience, destination: str) -> Difference:
    """Count what there is to deliver."""
    acknowledged = acknowledged_members(connection, audience.name, destination)
    held = _possibly_held(connection, audience, destination)
    with (
        staged(connection, "desired", desired_members(connection, audience)) as desired,
        staged(connection, "acknowledged", acknowledged) as acknowledged,
        staged(connection, "held", held) as held,
    ):
        unchanged = int(_staying(acknowledged, desired).count().execute())
        return Difference(
            adds=int(desired.count().execute()) - unchanged,
            removes=int(_leaving(held, desired).count().execute()),
            unchanged=unchanged,
        )


def read_batches(
    open_warehouse: OpenWarehouse,
    audience: Audience,
    destination: str,
    *,
    as_of: date,
    action: Action,
    batch_size: int,
    numbers: Iterator[int],
) -> Iterator[Batch]:
    """Read the people who are to leave, or those who are to join, in batches.

    Args:
        open_warehouse: Opens the warehouse; it is closed whenever a batch is handed out.
        audience: The audience.
        destination: The name of the destination.
        as_of: The day that is delivered.
        action: Whether to read those who leave, or those who join.
        batch_size: The largest number of people in a batch.
        numbers: The numbers of the day's batches, from the first that was not acknowledged.
    """

    def rows(connection: Backend) -> ir.Table:
        desired = desired_members(connection, audience)
        held = _possibly_held(connection, audience, destination)
        if action == "remove":
            return _removals(held, desired)
        # Whoever the destination still holds under old identifiers has to leave first. If that
        # was refused, joining has to wait, or the old identifiers would be forgotten.
        acknowledged = acknowledged_members(connection, audience.name, destination)
        leaving = _leaving(held, desired)
        return desired.anti_join(acknowledged, "profile_id").anti_join(leaving, "profile_id")

    kinds = audience.identifiers
    if action == "remove":
        with open_warehouse() as connection:
            kinds = _kinds_held(_possibly_held(connection, audience, destination), kinds)
    for page in _pages(open_warehouse, rows, page_rows=_whole_batches(batch_size)):
        for start in range(0, len(page), batch_size):
            members = page.iloc[start : start + batch_size].reset_index(drop=True)
            yield _batch(audience, as_of, action, members[["profile_id", *kinds]], next(numbers))


def read_members(
    open_warehouse: OpenWarehouse, audience: Audience, destination: str
) -> Iterator[pd.DataFrame]:
    """Read whom the destination holds, in pages, ordered by `profile_id`.

    Args:
        open_warehouse: Opens the warehouse; it is closed whenever a page is handed out.
        audience: The audience.
        destination: The name of the destination.
    """
    for page in _pages(
        open_warehouse,
        lambda connection: acknowledged_members(connection, audience.name, destination),
        page_rows=_PAGE_ROWS,
    ):
        yield page[["profile_id", *audience.identifiers]]


def _possibly_held(connection: Backend, audience: Audience, destination: str) -> ir.Table:
    """Whom the destination acknowledged, or may have taken all the same. Grain: (profile_id)."""
    acknowledged = acknowledged_members(connection, audience.name, destination)
    unconfirmed = unconfirmed_members(connection, audience.name, destination)
    in_doubt = unconfirmed.anti_join(acknowledged, "profile_id")
    # Ibis takes a column of a join for one that may be null, and unites only equal types.
    member = dict.fromkeys(_MEMBER, "string")
    return ibis.union(*(part.select(*_MEMBER).cast(member) for part in (acknowledged, in_doubt)))


def _kinds_held(held: ir.Table, declared: Sequence[str]) -> tuple[str, ...]:
    """The kinds of identifiers by which a destination may know somebody, the declared ones first.

    A kind that an audience does not deliver any more is still to be taken back.
    """
    counted = held.aggregate(**{kind: held[kind].count() for kind in IDENTIFIER_KINDS}).to_pyarrow()
    further = [kind for kind, (count,) in counted.to_pydict().items() if count]
    return tuple(dict.fromkeys([*declared, *further]))


def _same_identifiers(left: ir.Table, right: ir.Table) -> list[ir.BooleanValue]:
    return [
        left.profile_id == right.profile_id,
        *(left[kind].identical_to(right[kind]) for kind in IDENTIFIER_KINDS),
    ]


def _staying(held: ir.Table, desired: ir.Table) -> ir.Table:
    return held.semi_join(desired, _same_identifiers(held, desired))


def _leaving(held: ir.Table, desired: ir.Table) -> ir.Table:
    return held.anti_join(desired, _same_identifiers(held, desired))


def _removals(held: ir.Table, desired: ir.Table) -> ir.Table:
    leaving = _leaving(held, desired)
    staying = _staying(held, desired)
    for kind in IDENTIFIER_KINDS:
        still_held = staying.filter(_[kind].notnull()).select(still_held=_[kind]).distinct()
        leaving = leaving.left_join(still_held, leaving[kind] == still_held.still_held).select(
            **{column: _[column] for column in _MEMBER if column != kind},
            **{kind: _.still_held.isnull().ifelse(_[kind], ibis.null("string"))},
        )
    return leaving


def _whole_batches(batch_size: int) -> int:
    """The rows of a page: whole batches, so that batches do not depend on where a page ended."""
    return max(1, _PAGE_ROWS // batch_size) * batch_size


def _pages(
    open_warehouse: OpenWarehouse, rows: Callable[[Backend], ir.Table], *, page_rows: int
) -> Iterator[pd.DataFrame]:
    """Read rows in the order of `profile_id`, without keeping the warehouse open in between."""
    last_read = ""
    while True:
        with open_warehouse() as connection:
            following = rows(connection).filter(_.profile_id > last_read).order_by("profile_id")
            page = following.select(*_MEMBER).limit(page_rows).to_pandas()
        if not page.empty:
            yield page
            last_read = str(page["profile_id"].iloc[-1])
        if len(page) < page_rows:
            return


def _batch(
    audience: Audience, as_of: date, action: Action, members: pd.DataFrame, number: int
) -> Batch:
    content = members.to_csv(index=False)
    digest = hashlib.sha256(f"{audience.name}\n{as_of}\n{number}\n{action}\n{content}".encode())
    return Batch(audience, as_of, action, members, digest.hexdigest()[:16])
