"""The parameters of the value prediction, as people review them: a row of the dbt seed.

Belongs here: what is in that row, reading and writing it. Does not belong here: estimating it
(`training`), and whether it is used (dbt variables).
"""

import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

_MOST = 1e6
"""A parameter beyond it has run off: the data do not determine it."""


class ValueParametersError(ValueError):
    """Parameters cannot be used; the text says why, and what to do."""


@dataclass(frozen=True)
class ValueParameters:
    """Parameters of BG/NBD and Gamma-Gamma, and what they were estimated from.

    Attributes:
        r: Shape of how the customers' order rates vary.
        alpha: Scale of it, in weeks.
        a: Of how the customers' probabilities to stop after an order vary: towards stopping.
        b: Of the same: towards going on.
        p: Shape of how the values of a customer's order days vary.
        q: Shape of how the customers' means vary; above 1, or there is no mean of these.
        v: Scale of it, money.
        trained_from: First day of the orders that they were estimated from.
        trained_until: Last day of these.
        judged_until: Last day of the later orders that their predictions were compared with.
        customer_count: Customers whose orders they were estimated from.
        repeat_customer_count: Those of them with orders on more than one day.
        library: What estimated them.
    """

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float
    trained_from: date
    trained_until: date
    judged_until: date
    customer_count: int
    repeat_customer_count: int
    library: str

    def __post_init__(self) -> None:
        """Refuse what is no distribution.

        Raises:
            ValueParametersError: A parameter is not positive or has run off, or q is not above 1.
        """
        numbers = {name: getattr(self, name) for name in ("r", "alpha", "a", "b", "p", "q", "v")}
        if not all(0 < number < _MOST for number in numbers.values()) or self.q <= 1:
            raise ValueParametersError(
                f"The parameters {numbers} describe no customers: all are positive, none is beyond "
                f"{_MOST:,.0f}, and q is above 1. There are too few customers who order again and "
                "again, or their orders differ too wildly; keep the parameters that there are."
            )


def read_parameters(file: Path) -> ValueParameters | None:
    """Read the row of the seed; null where it has none.

    Args:
        file: The CSV file.

    Raises:
        ValueParametersError: The file is no such seed, or its row cannot be used.
    """
    try:
        with file.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        if len(rows) > 1:
            raise ValueError(f"it has {len(rows)} rows")
        return _parsed(rows[0]) if rows else None
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueParametersError(
            f"{file} holds no parameters of the value prediction: {error}. Run the job "
            "train_customer_value and put its result there."
        ) from None


def write_parameters(file: Path, parameters: ValueParameters) -> None:
    """Write the seed anew.

    Args:
        file: The CSV file.
        parameters: Its only row.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(
            lines, [field.name for field in fields(parameters)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerow(asdict(parameters))


def _parsed(row: dict[str, str]) -> ValueParameters:
    read: dict[object, Callable[[str], object]] = {
        float: float,
        int: int,
        date: date.fromisoformat,
        str: str,
    }
    values: dict[str, Any] = {
        field.name: read[field.type](row[field.name]) for field in fields(ValueParameters)
    }
    return ValueParameters(**values)
