"""Carrying the difference over, batch by batch.

A batch is announced in the warehouse, delivered while the warehouse is closed, then its outcome is
recorded before the next one is delivered. A crash between two batches loses nothing and repeats
nothing that was acknowledged. A crash between delivery and record leaves a batch of which nobody
knows whether it arrived: the next sync repeats it, with the same content and the same id, and takes
back whoever has withdrawn in the meantime. A day that was left incomplete, with batches
acknowledged, is completed by the next sync of any day, before that delivers anything.

Belongs here: the order of events. Does not belong here: any platform (`destinations`).
"""

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dagster_project.activation.audience import Audience, count_candidates
from dagster_project.activation.destinations import Destination, Receipt
from dagster_project.activation.guard import is_old_day, require_segments
from dagster_project.activation.log import (
    Sync,
    count_members,
    create_audience_view,
    delivered_batches,
    follow_merges,
    incomplete_days,
    record_announcement,
    record_completion,
    record_failure,
    record_receipt,
)
from dagster_project.activation.plan import (
    Batch,
    Difference,
    OpenWarehouse,
    measure_difference,
    read_batches,
    read_members,
)
from dagster_project.activation.tables import create_tables


class DeliveryError(RuntimeError):
    """A destination failed on a batch; the batches before it are acknowledged."""


@dataclass(frozen=True)
class SyncResult:
    """What a sync found and did.

    Attributes:
        audience: The audience.
        as_of: The day that was asked for.
        size: How many people the destination holds now.
        is_old_day: Whether nothing was done, because a newer day is what audiences follow.
        candidates: The members of the segment by what keeps them out; see `count_candidates`.
        difference: What there was to deliver.
        rejected: How many people the destination refused. They are tried again by the next run.
        files: The files that the destination wrote, if it writes files.
    """

    audience: Audience
    as_of: date
    size: int
    is_old_day: bool = False
    candidates: Mapping[str, int] = field(default_factory=dict)
    difference: Difference = field(default_factory=lambda: Difference(0, 0, 0))
    rejected: int = 0
    files: Sequence[Path] = ()


def synchronise(
    open_warehouse: OpenWarehouse,
    audience: Audience,
    destination: Destination,
    as_of: date,
    *,
    batch_size: int,
) -> SyncResult:
    """Make a destination hold the audience as it should be on the newest day.

    Only the difference to what the destination acknowledged is delivered, so doing this twice
    delivers nothing the second time. An old day delivers nothing.

    Args:
        open_warehouse: Opens the warehouse for as long as a block lasts.
        audience: The audience.
        destination: Where to carry it.
        as_of: The day of the run.
        batch_size: The largest number of people to deliver in one go.

    Raises:
        SegmentNotEvaluatedError: Memberships do not reach the day yet.
        DeliveryError: The destination failed on a batch. Running again goes on from there.
    """
    with open_warehouse() as connection:
        create_tables(connection)
        create_audience_view(connection, audience, destination.name)
        is_old = is_old_day(connection, as_of)
        to_complete = incomplete_days(connection, audience, destination.name)
    for day in to_complete:
        # A day that is still to be delivered is completed once, with all its batches.
        if is_old or day != as_of:
            _complete(open_warehouse, audience, destination, day)
    with open_warehouse() as connection:
        if is_old:
            size = count_members(connection, audience, destination.name)
            return SyncResult(audience, as_of, size, is_old_day=True)
        require_segments(connection, audience, as_of)
        follow_merges(connection, audience, destination.name)
        counts = count_candidates(connection, audience)
        difference = measure_difference(connection, audience, destination.name)
        delivered = delivered_batches(connection, audience, destination.name, as_of)
    numbers = itertools.count(len(delivered) + 1)
    sync = Sync(sync_id=str(uuid.uuid4()), destination=destination.name)
    rejected = 0
    for action in difference.actions:
        batches = read_batches(
            open_warehouse,
            audience,
            destination.name,
            as_of=as_of,
            action=action,
            batch_size=batch_size,
            numbers=numbers,
        )
        for batch in batches:
            with open_warehouse() as connection:
                record_announcement(connection, sync, batch)
            receipt = _deliver(open_warehouse, destination, sync, batch)
            with open_warehouse() as connection:
                record_receipt(connection, sync, batch, receipt)
            rejected += len(receipt.rejected)
    files = _complete(open_warehouse, audience, destination, as_of)
    with open_warehouse() as connection:
        size = count_members(connection, audience, destination.name)
    return SyncResult(
        audience,
        as_of,
        size,
        candidates=counts,
        difference=difference,
        rejected=rejected,
        files=files,
    )


def _complete(
    open_warehouse: OpenWarehouse, audience: Audience, destination: Destination, as_of: date
) -> Sequence[Path]:
    with open_warehouse() as connection:
        delivered = delivered_batches(connection, audience, destination.name, as_of)
    members = read_members(open_warehouse, audience, destination.name)
    files = destination.complete(audience, as_of, delivered, members)
    with open_warehouse() as connection:
        record_completion(connection, audience, destination.name, as_of)
    return files


def _deliver(
    open_warehouse: OpenWarehouse, destination: Destination, sync: Sync, batch: Batch
) -> Receipt:
    try:
        return destination.deliver(batch)
    except Exception as error:
        reason = type(error).__name__
    # Outside of the handler: what is raised from here on must not carry the error along, whose text
    # may tell who was delivered and ends up in logs.
    with open_warehouse() as connection:
        record_failure(connection, sync, batch, reason)
    raise DeliveryError(
        f"The destination {destination.name} failed with {reason} on batch {batch.batch_id} "
        f"({batch.action}, {len(batch.members)} people) of the audience "
        f"{batch.audience.name}. Batches before it are acknowledged; run {batch.as_of} again "
        "to go on from there."
    )
