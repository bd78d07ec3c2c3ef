"""Destinations: what carries people of an audience to where they are used.

Belongs here: what every destination must be able to do. Does not belong here: any one of them; each
is a module of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import pandas as pd

from dagster_project.activation.audience import Audience
from dagster_project.activation.plan import Action, Batch


@dataclass(frozen=True)
class Receipt:
    """What a destination says of a batch.

    Attributes:
        rejected: Why it refused a person, by `profile_id`, in words without personal data. It
            accepted all others.
    """

    rejected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DeliveredBatch:
    """A batch that was delivered and acknowledged.

    Attributes:
        batch_id: Its id.
        action: Whether its people left or joined.
    """

    batch_id: str
    action: Action


class Destination(Protocol):
    """Where an audience is carried. It never sees the warehouse."""

    @property
    def name(self) -> str:
        """The name under which acknowledged members are remembered."""

    def deliver(self, batch: Batch) -> Receipt:
        """Carry over the identifiers of a batch, each for itself; whose they are stays here.

        The same batch may come twice, after a crash, with the same id: it must do no harm. What is
        raised must not tell personal data.
        """

    def complete(
        self,
        audience: Audience,
        as_of: date,
        delivered: Sequence[DeliveredBatch],
        members: Iterable[pd.DataFrame],
    ) -> Sequence[Path]:
        """Do what is due once all batches of a day are delivered, even if there were none.

        Args:
            audience: The audience.
            as_of: The day.
            delivered: All acknowledged batches of the day, those of earlier runs too, in order.
            members: By what the destination knows those whom it holds now, in pages: a column for
                each of the audience's identifiers, and no row twice.

        Returns:
            The files that it wrote, if it writes files.
        """
