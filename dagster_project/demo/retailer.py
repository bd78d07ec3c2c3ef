"""The demo retailer of one deployment: made once, then kept.

Belongs here: whether a deployment has its retailer already, and which. Does not belong here: how
its files are made (`generator`).
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dagster_project.demo.generator import generate
from dagster_project.demo.window import days_to_show, window_until
from dagster_project.home import Home
from dagster_project.settings import Settings, read_settings, write_settings


class RetailerConflictError(RuntimeError):
    """The deployment holds other data than was asked for."""


@dataclass(frozen=True)
class Retailer:
    """What the demo retailer of a deployment was made with, and what came of it.

    Attributes:
        until: The last day of the data.
        first_day: The first day of the data.
        customers: The number of people asked for; null for the real households.
        days: The number of days asked for; null for all.
        seed: What the people were made from.
        people: How many people there are.
        rows: How many rows landed in all files.
    """

    until: date
    first_day: date
    customers: int | None
    days: int | None
    seed: int
    people: int
    rows: int

    @property
    def made_with(self) -> tuple[date, int | None, int | None, int]:
        """What was asked for: last day, customers, days and seed."""
        return (self.until, self.customers, self.days, self.seed)

    def sentence(self) -> str:
        """Say it in one line."""
        return (
            f"The retailer: {self.people:,} people, {self.rows:,} rows landed "
            f"from {self.first_day} to {self.until}."
        )


def land_retailer(
    home: Home,
    *,
    until: date | None,
    customers: int | None,
    days: int | None,
    seed: int,
    score_identity: bool | None = None,
) -> Retailer:
    """Make the retailer's files, unless the deployment has them already.

    If making them broke off before, they are made again, as asked for now. A deployment that has
    settled nothing yet begins with the first of the days that the demo shows.

    Args:
        home: The deployment.
        until: The last day of the data; if null, that of the retailer that is there, or yesterday.
        customers: The number of people, or null for the real households.
        days: The number of days, or null for all.
        seed: What the people are made from.
        score_identity: Whether identities are scored by the truth about these people; if null, as
            the deployment has settled, and in a new one they are.

    Raises:
        RetailerConflictError: There is another retailer, there are files of another origin, or the
            deployment begins on a day on which no file lands.
        SettingsError: The deployment's settings cannot be used.
    """
    retailer = _present_retailer(home)
    if retailer is None:
        until = until or datetime.now(UTC).date() - timedelta(days=1)
        _settle(home, window_until(until, days).first_day, until, score_identity)
        return _make_retailer(home, until, customers, days, seed)
    if (until or retailer.until, customers, days, seed) != retailer.made_with:
        options = {"customers": retailer.customers, "days": retailer.days, "seed": retailer.seed}
        made_with = [f"{name} {value}" for name, value in options.items() if value is not None]
        raise RetailerConflictError(
            f"{home.root} holds the demo retailer until {retailer.until}, made with "
            f"{', '.join(made_with)}. Ask for the same, name another folder in SEGMENTATION_HOME, "
            "or delete this one."
        )
    _settle(home, retailer.first_day, retailer.until, score_identity)
    return retailer


def _settle(home: Home, first_landing_day: date, until: date, score_identity: bool | None) -> None:
    truth = str(home.truth.relative_to(home.root))
    if not home.settings.exists():
        first_shown = days_to_show(first_landing_day, until)[0]
        write_settings(
            home,
            Settings(
                first_day=first_shown,
                fuzzy_matching=True,
                value_prediction=True,
                identity_truth=truth,
            ),
        )
    settings = read_settings(home)
    wanted = {None: settings.identity_truth, True: truth, False: None}[score_identity]
    if wanted != settings.identity_truth:
        write_settings(home, settings.model_copy(update={"identity_truth": wanted}))
    first_day = settings.first_day
    if not first_landing_day <= first_day <= until:
        raise RetailerConflictError(
            f"{home.settings} lets the deployment begin on {first_day}, but the retailer's files "
            f"land from {first_landing_day} to {until}. Name one of these days, or delete it."
        )


def _description(home: Home) -> Path:
    return home.truth.with_name("retailer.json")


def _present_retailer(home: Home) -> Retailer | None:
    description = _description(home)
    if description.exists():
        fields = json.loads(description.read_text())
        for name in ("until", "first_day"):
            fields[name] = date.fromisoformat(fields[name])
        return Retailer(**fields)
    # The truth is placed before the first table: where it is, a generation broke off and the files
    # are the demo's, to be made again.
    if not home.truth.exists() and home.landing.exists() and any(home.landing.iterdir()):
        raise RetailerConflictError(
            f"{home.landing} holds files that the demo did not make. Name another folder in "
            "SEGMENTATION_HOME."
        )
    return None


def _make_retailer(
    home: Home, until: date, customers: int | None, days: int | None, seed: int
) -> Retailer:
    made = generate(
        home.landing, home.truth, until=until, customers=customers, days=days, seed=seed
    )
    retailer = Retailer(
        until=until,
        first_day=made.first_day,
        customers=customers,
        days=days,
        seed=seed,
        people=made.people,
        rows=sum(made.rows.values()),
    )
    # Last, and at once: only a retailer whose files are all there is taken for one.
    unfinished = _description(home).with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(retailer), default=str, indent=2))
    unfinished.replace(_description(home))
    return retailer
