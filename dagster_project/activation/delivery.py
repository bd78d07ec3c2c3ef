"""Carrying the difference over, batch by batch.

A batch is delivered while the warehouse is closed, then its outcome is recorded before the next one
is delivered. A crash between two batches loses nothing and repeats nothing that was acknowledged. A
crash between delivery and record repeats one batch, with the same content and the same id.

Belongs here: the order of events. Does not belong here: any platform (`destinations`).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dagster_project.activation.audience import Audience, count_candidates
from dagster_project.activation.destinations import Destination, Receipt
from dagster_project.activation.guard import is_newest_day
from dagster_project.activation.log import (
    Sync,
    count_members,
    create_audience_view,
    delivered_batches,
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
        if not is_newest_day(connection, audience, as_of):
            size = count_members(connection, audience, destination.name)
            return SyncResult(audience, as_of, size, is_old_day=True)
        counts = count_candidates(connection, audience)
        difference = measure_difference(connection, audience, destination.name)
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
        )
        for batch in batches:
            receipt = _deliver(open_warehouse, destination, sync, batch)
            with open_warehouse() as connection:
                record_receipt(connection, sync, batch, receipt)
            rejected += len(receipt.rejected)
    with open_warehouse() as connection:
        delivered = delivered_batches(connection, audience, destination.name, as_of)
        size = count_members(connection, audience, destination.name)
    members = read_members(open_warehouse, audience, destination.name)
    files = destination.complete(audience, as_of, delivered, members)
    return SyncResult(
        audience,
        as_of,
        size,
        candidates=counts,
        difference=difference,
        rejected=rejected,
        files=files,
    )


def _deliver(
    open_warehouse: OpenWarehouse, destination: Destination, sync: Sync, batch: Batch
) -> Receipt:
    try:
        return destination.deliver(batch)
    except Exception as error:
        reason = type(error).__name__
        with open_warehouse() as connection:
            record_failure(connection, sync, batch, reason)
        raise DeliveryError(
            f"The destination {destination.name} failed with {reason} on batch {batch.batch_id} "
            f"({batch.action}, {len(batch.members)} people) of the audience "
            f"{batch.audience.name}. Batches before it are acknowledged; run {batch.as_of} again "
            "to go on from there."
        ) from error
