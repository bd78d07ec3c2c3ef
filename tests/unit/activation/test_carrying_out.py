"""Whoever carries out the files of all days holds whom the last audience names, and nobody else."""

import csv
import dataclasses
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from dagster_project.activation import delivery
from dagster_project.activation.audience import Audience
from tests.unit.activation.shop import BY_PHONE, MONDAY, Shop

PROFILES = "abcd"
AUDIENCES = [BY_PHONE, dataclasses.replace(BY_PHONE, identifiers=("phone",))]

Identifiers = set[tuple[str, str]]
"""Kinds and values."""


@dataclass(frozen=True)
class Day:
    """What happens on a day.

    Attributes:
        members: Who is in the segment, under the ids of the first day.
        merged: Which id is given up for which from this day on.
        phones: The new phones of some, which others may have as well.
        emails: The new addresses of some.
        breaks_at: The number of the batch that is delivered and, by a crash, never acknowledged.
    """

    members: frozenset[str]
    merged: tuple[str, str] | None = None
    phones: tuple[tuple[str, str], ...] = ()
    emails: tuple[tuple[str, str], ...] = ()
    breaks_at: int | None = None


profiles = st.sampled_from(PROFILES)
days = st.builds(
    Day,
    members=st.frozensets(profiles),
    merged=st.none() | st.tuples(profiles, profiles),
    phones=st.lists(
        st.tuples(profiles, st.sampled_from(["+15550100", "+15550101"])), max_size=3
    ).map(tuple),
    emails=st.lists(
        st.tuples(profiles, st.sampled_from(["one@x.org", "two@x.org"])), max_size=2
    ).map(tuple),
    breaks_at=st.sampled_from([None, None, 1, 2]),
)


class People:
    """Who is who by now."""

    def __init__(self) -> None:
        """Start with everybody as who they are on the first day."""
        self._successors: dict[str, str] = {}

    def today(self, profile: str) -> str:
        while profile in self._successors:
            profile = self._successors[profile]
        return profile

    def merge(self, shop: Shop, given_up: str, current: str) -> None:
        given_up, current = self.today(given_up), self.today(current)
        if given_up == current:
            return
        self._successors[given_up] = current
        shop.merge(given_up, current)
        for profile in PROFILES:
            shop.alias(profile, self.today(profile))


def carried_out(root: Path) -> tuple[Identifiers, Identifiers]:
    """Carry out all parts in the order of the manifests; also tell what the last audience holds.

    A day on which nothing was acknowledged before a crash has none.
    """
    carried: Identifiers = set()
    audience: Identifiers = set()
    for manifest in sorted(root.glob("*/manifest.json")):
        for file in json.loads(manifest.read_text())["files"]:
            identifiers, rows = read(manifest.with_name(file["name"]))
            assert rows == file["rows"]
            match file["content"]:
                case "adds":
                    carried |= identifiers
                case "removes":
                    carried -= identifiers
                case _:
                    audience = identifiers
    return carried, audience


def read(path: Path) -> tuple[Identifiers, int]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(any(row.values()) for row in rows)
    return {(kind, value) for row in rows for kind, value in row.items() if value}, len(rows)


def acknowledged(shop: Shop, audience: Audience) -> Identifiers:
    return {
        (kind, value)
        for kind in audience.identifiers
        for (value,) in shop.run(f"select {kind} from activation.audience_members")
        if value
    }


def sync_that_breaks(shop: Shop, day: Day, number: int, audience: Audience) -> None:
    """Sync, but end as if killed before the outcome of a batch is recorded."""
    record, batches = delivery.record_receipt, 0

    def break_off(*arguments: object) -> None:
        nonlocal batches
        batches += 1
        if batches == day.breaks_at:
            raise KeyboardInterrupt
        record(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delivery, "record_receipt", break_off)
        shop.sync(MONDAY + timedelta(days=number), audience=audience, batch_size=1)


# Few examples: each takes seconds, since every sync opens the warehouse many times.
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(audience=st.sampled_from(AUDIENCES), history=st.lists(days, min_size=3, max_size=4))
@example(  # Both are held when they turn out to be one.
    audience=BY_PHONE, history=[Day(frozenset("ab")), Day(frozenset("ab"), merged=("b", "a"))]
)
@example(  # The one who is held gives up the id, and leaves.
    audience=BY_PHONE,
    history=[
        Day(frozenset("b")),
        Day(frozenset("ab"), merged=("b", "a"), emails=(("a", "b@example.com"),)),
        Day(frozenset()),
    ],
)
@example(  # Two leave by one phone; a crash comes between, and one of them stays after all.
    audience=AUDIENCES[1],
    history=[
        Day(frozenset("abc"), phones=(("a", "+15550100"), ("b", "+15550100"), ("c", "+15550101"))),
        Day(frozenset("c"), breaks_at=2),
        Day(frozenset("bc")),
    ],
)
def test_carrying_out_all_parts_leads_to_the_last_audience(
    audience: Audience, history: Sequence[Day]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop, people = Shop(Path(folder)), People()
        shop.with_customers(*PROFILES)
        for number, day in enumerate([*history, dataclasses.replace(history[-1], breaks_at=None)]):
            if day.merged:
                people.merge(shop, *day.merged)
            for kind, changes in {"phone": day.phones, "email": day.emails}.items():
                for profile, value in changes:
                    shop.contact_point(people.today(profile), kind, value)
            shop.on_day(
                MONDAY + timedelta(days=number),
                champions={people.today(profile) for profile in day.members},
            )
            try:
                sync_that_breaks(shop, day, number, audience)
            except KeyboardInterrupt:
                continue
            carried, held = carried_out(shop.audiences / audience.name)
            assert carried == held == acknowledged(shop, audience)
