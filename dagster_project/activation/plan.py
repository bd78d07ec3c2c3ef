"""The difference between who should be in an audience and whom the destination holds.

A destination holds whom it acknowledged, and may hold whom it was handed without saying so: a crash
or an error came between. Such a person is handed over again, or taken back if no longer desired.

People who are to leave come first, then those who are to join, each in the order of their ids and
in batches of a bounded size. A changed identifier is a removal of the person as delivered and an
addition as of now, so that no destination has to know what an update is. A removal leaves out an
identifier that the destination also holds for somebody who stays, such as a phone that two people
share; if both leave, it goes with the last of them. So after each batch a destination that refuses
nobody has the identifiers of those whom it acknowledged, no more and no fewer, without knowing
whose they are: people may be merged, and their ids change, while it holds them.

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
            that the destination may know somebody by; bounded in size. The id is there to tell
            apart whom a destination accepted and whom it refused: it is not to be carried out. Of
            whom there is nothing to take back, a removal has no identifier at all.
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
        acknowledged = acknowledged_members(connection, audience.name, destination)
        if action == "remove":
            return _removals(held, acknowledged, desired)
        # Whoever the destination still holds under old identifiers has to leave first. If that
        # was refused, joining has to wait, or the old identifiers would be forgotten.
        leaving = _leaving(held, desired)
        return desired.anti_join(acknowledged, "profile_id").anti_join(leaving, "profile_id")

    kinds = audience.identifiers
    if action == "remove":
        with open_warehouse() as connection:
            kinds = _kinds_held(_possibly_held(connection, audience, destination), kinds)
    pages = _pages(open_warehouse, rows, "profile_id", page_rows=_whole_batches(batch_size))
    for page in pages:
        for start in range(0, len(page), batch_size):
            members = page.iloc[start : start + batch_size].reset_index(drop=True)
            yield _batch(audience, as_of, action, members[["profile_id", *kinds]], next(numbers))


def read_members(
    open_warehouse: OpenWarehouse, audience: Audience, destination: str
) -> Iterator[pd.DataFrame]:
    """Read by what the destination knows those whom it holds, in pages, and in order.

    People who are known by the same are one row, and whose they are is left out: who was merged
    with whom does not change what is read.

    Args:
        open_warehouse: Opens the warehouse; it is closed whenever a page is handed out.
        audience: The audience.
        destination: The name of the destination.

    Yields:
        A column for each of the audience's identifiers, of which one at least is known.
    """
    kinds = list(audience.identifiers)

    def rows(connection: Backend) -> ir.Table:
        held = acknowledged_members(connection, audience.name, destination)
        known = held.filter(ibis.or_(*(held[kind].notnull() for kind in kinds)))
        # No identifier holds a line break, so no two rows have the same place.
        place = ibis.literal("\n").join([known[kind].fill_null("") for kind in kinds])
        return known.select(*kinds, place=place).distinct()

    for page in _pages(open_warehouse, rows, "place", page_rows=_PAGE_ROWS):
        yield page[kinds]


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


def _removals(held: ir.Table, acknowledged: ir.Table, desired: ir.Table) -> ir.Table:
    """Those who leave, with what nobody else is known by. Grain: (profile_id).

    Whoever stays without having been acknowledged is handed over again and keeps nothing from
    being taken back: that may be refused.
    """
    leaving = _leaving(held, desired)
    staying = _staying(acknowledged, desired)
    for kind in IDENTIFIER_KINDS:
        still_held = staying.filter(_[kind].notnull()).select(still_held=_[kind]).distinct()
        # People leave in the order of their ids, and a crash or a change of mind may come between.
        is_last = _.profile_id == _.profile_id.max().over(ibis.window(group_by=kind))
        leaving = (
            leaving.mutate(is_last=is_last)
            .left_join(still_held, leaving[kind] == still_held.still_held)
            .select(
                **{column: _[column] for column in _MEMBER if column != kind},
                **{
                    kind: (_.is_last & _.still_held.isnull()).ifelse(_[kind], ibis.null("string")),
                },
            )
        )
    return leaving


def _whole_batches(batch_size: int) -> int:
    """The rows of a page: whole batches, so that batches do not depend on where a page ended."""
    return max(1, _PAGE_ROWS // batch_size) * batch_size


def _pages(
    open_warehouse: OpenWarehouse, rows: Callable[[Backend], ir.Table], key: str, *, page_rows: int
) -> Iterator[pd.DataFrame]:
    """Read rows in the order of a key, without keeping the warehouse open in between."""
    last_read = ""
    while True:
        with open_warehouse() as connection:
            following = rows(connection).filter(_[key] > last_read).order_by(key)
            page = following.limit(page_rows).to_pandas()
        if not page.empty:
            yield page
            last_read = str(page[key].iloc[-1])
        if len(page) < page_rows:
            return


def _batch(
    audience: Audience, as_of: date, action: Action, members: pd.DataFrame, number: int
) -> Batch:
    content = members.to_csv(index=False)
    digest = hashlib.sha256(f"{audience.name}\n{as_of}\n{number}\n{action}\n{content}".encode())
    return Batch(audience, as_of, action, members, digest.hexdigest()[:16])
