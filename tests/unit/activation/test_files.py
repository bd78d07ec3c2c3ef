"""Audiences as files."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from dagster_project.activation.audience import Audience
from dagster_project.activation.destinations import Receipt
from dagster_project.activation.destinations.files import FileDestination
from dagster_project.activation.guard import SegmentNotEvaluatedError
from dagster_project.activation.plan import Batch
from tests.unit.activation.shop import (
    BY_PHONE,
    CHAMPIONS,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    Shop,
    crash,
    sha256,
)

PHONE_ONLY = dataclasses.replace(BY_PHONE, name="phones", identifiers=("phone",))


def folder_of(shop: Shop, day: object, audience: Audience = CHAMPIONS) -> Path:
    return shop.audiences / audience.name / str(day)


def lines_of(folder: Path, pattern: str) -> list[str]:
    return [line for path in sorted(folder.glob(pattern)) for line in path.read_text().split()]


@pytest.fixture
def delivered(shop: Shop) -> Shop:
    """Three champions on Monday, of whom one leaves on Tuesday; all in batches of two."""
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY)
    shop.on_day(TUESDAY, champions="bc")
    shop.sync(TUESDAY)
    return shop


def test_a_folder_holds_parts_everybody_and_a_manifest(delivered: Shop) -> None:
    monday, tuesday = folder_of(delivered, MONDAY), folder_of(delivered, TUESDAY)
    assert len(list(monday.glob("adds-*.csv"))) == 2
    assert len(list(tuesday.glob("removes-*.csv"))) == 1
    assert lines_of(tuesday, "audience.csv") == [
        "email",
        *sorted([sha256("b@example.com"), sha256("c@example.com")]),
    ]


def test_no_file_tells_an_id_of_a_profile(shop: Shop) -> None:
    shop.with_customers("p-one", "p-two")
    shop.on_day(MONDAY, champions=["p-one", "p-two"])
    shop.sync(MONDAY)
    shop.on_day(TUESDAY, champions=["p-two"])
    shop.sync(TUESDAY)
    written = [path.read_text() for path in shop.audiences.rglob("*") if path.is_file()]
    assert len(written) == 6
    assert not any("profile_id" in text or "p-" in text for text in written)


def test_a_part_holds_identifiers_as_they_were_delivered(delivered: Shop) -> None:
    assert lines_of(folder_of(delivered, TUESDAY), "removes-*.csv") == [
        "email",
        sha256("a@example.com"),
    ]


def test_people_who_are_known_by_the_same_are_one_row(shop: Shop) -> None:
    shop.with_customers(*"abc")
    for profile, phone in {"a": "+15550100", "b": "+15550100", "c": "+15550101"}.items():
        shop.contact_point(profile, "phone", phone)
    shop.on_day(MONDAY, champions="abc")
    result = shop.sync(MONDAY, audience=PHONE_ONLY, batch_size=9)
    folder = folder_of(shop, MONDAY, PHONE_ONLY)
    assert result.size == 3
    assert lines_of(folder, "adds-*.csv") == ["phone", "+15550100", "+15550101"]
    assert lines_of(folder, "audience.csv") == ["phone", "+15550100", "+15550101"]


def test_whoever_leaves_with_nothing_to_take_back_has_no_row_but_has_left(shop: Shop) -> None:
    shop.with_customers(*"abc")
    for profile in "ab":
        shop.contact_point(profile, "phone", "+15550100")
    shop.contact_point("c", "phone", "+15550101")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, audience=PHONE_ONLY, batch_size=9)
    shop.on_day(TUESDAY, champions="b")
    shop.sync(TUESDAY, audience=PHONE_ONLY, batch_size=9)
    folder = folder_of(shop, TUESDAY, PHONE_ONLY)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert lines_of(folder, "removes-*.csv") == ["phone", "+15550101"]
    assert [(file["content"], file["rows"]) for file in manifest["files"]] == [
        ("removes", 1),
        ("audience", 1),
    ]
    assert shop.held(PHONE_ONLY) == ["b"]


def test_a_part_that_would_hold_nobody_is_not_written(shop: Shop) -> None:
    shop.with_customers(*"ab")
    for profile in "ab":
        shop.contact_point(profile, "phone", "+15550100")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY, audience=PHONE_ONLY)
    shop.on_day(TUESDAY, champions="b")
    shop.sync(TUESDAY, audience=PHONE_ONLY)
    names = sorted(path.name for path in folder_of(shop, TUESDAY, PHONE_ONLY).iterdir())
    assert names == ["audience.csv", "manifest.json"]
    assert shop.held(PHONE_ONLY) == ["b"]


def test_a_merge_changes_nothing_of_what_the_files_of_the_next_day_hold(shop: Shop) -> None:
    shop.with_customers("a", "b", "z")
    shop.contact_point("a", "email", "z@example.com")
    shop.on_day(MONDAY, champions=["b", "z"])
    shop.sync(MONDAY)
    shop.merge("z", "a")
    shop.on_day(TUESDAY, champions=["a", "b"])
    shop.sync(TUESDAY)
    monday, tuesday = (folder_of(shop, day) / "audience.csv" for day in (MONDAY, TUESDAY))
    assert shop.held() == ["a", "b"]
    assert tuesday.read_bytes() == monday.read_bytes()


def test_everybody_is_written_once_whatever_the_pages(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.activation.plan._PAGE_ROWS", 2)
    shop.with_customers(*"abcde")
    for profile in "bd":
        shop.contact_point(profile, "phone", "+15550100")
    for profile in "ab":
        shop.contact_point(profile, "email", "shared@example.com")
    shop.on_day(WEDNESDAY, champions="abcde")
    shop.sync(WEDNESDAY, audience=BY_PHONE)
    assert lines_of(folder_of(shop, WEDNESDAY, BY_PHONE), "audience.csv") == [
        "email,phone",
        "c@example.com,",
        "d@example.com,+15550100",
        "e@example.com,",
        "shared@example.com,",
        "shared@example.com,+15550100",
    ]


def test_no_file_holds_a_plain_identifier_unless_that_is_declared(delivered: Shop) -> None:
    written = [path.read_text() for path in delivered.audiences.rglob("*") if path.is_file()]
    assert written
    assert not any("@" in text for text in written)
    delivered.sync(TUESDAY, audience=BY_PHONE)
    everybody = folder_of(delivered, TUESDAY, BY_PHONE) / "audience.csv"
    assert "b@example.com," in everybody.read_text()


def test_the_manifest_counts_and_checks_every_file(delivered: Shop) -> None:
    folder = folder_of(delivered, TUESDAY)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = manifest.pop("files")
    assert manifest == {
        "audience": "best_customers",
        "segment": "champions",
        "purpose": "email_marketing",
        "as_of": "2026-06-02",
        "identifiers": ["email"],
        "hashing": "sha256",
    }
    assert [(file["content"], file["rows"]) for file in files] == [("removes", 1), ("audience", 2)]
    assert [file["columns"] for file in files] == [["email"], ["email"]]
    for file in files:
        content = (folder / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_a_second_sync_touches_no_file(delivered: Shop) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        files = (path for path in delivered.audiences.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files}

    before = state()
    delivered.sync(TUESDAY)
    assert state() == before


def test_an_old_day_writes_no_file(delivered: Shop) -> None:
    before = sorted(delivered.audiences.rglob("*"))
    (folder_of(delivered, MONDAY) / "manifest.json").unlink()
    before.remove(folder_of(delivered, MONDAY) / "manifest.json")
    delivered.sync(MONDAY)
    assert sorted(delivered.audiences.rglob("*")) == before


def test_a_day_without_a_difference_has_everybody_and_a_manifest(delivered: Shop) -> None:
    day = TUESDAY.replace(day=3)
    delivered.on_day(day, champions="bc")
    delivered.sync(day)
    names = sorted(path.name for path in folder_of(delivered, day).iterdir())
    assert names == ["audience.csv", "manifest.json"]


def test_two_syncs_of_a_day_are_one_manifest_in_the_order_of_delivery(shop: Shop) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY)
    shop.consents("a", is_granted=False)
    shop.sync(MONDAY)
    manifest = json.loads((folder_of(shop, MONDAY) / "manifest.json").read_text())
    assert [file["content"] for file in manifest["files"]] == ["adds", "removes", "audience"]


def test_a_crash_before_the_manifest_is_made_good_by_the_next_sync(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")

    with monkeypatch.context() as patched:
        patched.setattr("dagster_project.activation.destinations.files._manifest", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY)
    assert not (folder_of(shop, MONDAY) / "manifest.json").exists()
    shop.sync(MONDAY)
    assert (folder_of(shop, MONDAY) / "manifest.json").exists()


def interrupted_on_monday(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Monday's sync of five people end after its first batch of two was acknowledged."""
    shop.with_customers(*"abcde")
    shop.on_day(MONDAY, champions="abcde")
    deliver = FileDestination.deliver
    parts: list[str] = []

    def break_at_the_second_part(self: FileDestination, batch: Batch) -> Receipt:
        if parts:
            raise KeyboardInterrupt
        parts.append(batch.batch_id)
        return deliver(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(FileDestination, "deliver", break_at_the_second_part)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY)


def listed_people(shop: Shop, day: object, content: str) -> list[str]:
    """The people whose addresses are in the files of a kind that the manifest of a day lists."""
    folder = folder_of(shop, day)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    names = [file["name"] for file in files if file["content"] == content]
    lines = [line for name in names for line in (folder / name).read_text().split()[1:]]
    people = {sha256(f"{person}@example.com"): person for person in "abcde"}
    return sorted(people[line] for line in lines)


def test_a_day_that_broke_off_is_completed_by_the_sync_of_the_next_day(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_on_monday(shop, monkeypatch)
    shop.on_day(TUESDAY, champions="abcde")
    shop.sync(TUESDAY)
    assert listed_people(shop, MONDAY, "adds") == ["a", "b"]
    assert listed_people(shop, MONDAY, "audience") == ["a", "b"]
    assert listed_people(shop, TUESDAY, "adds") == ["c", "d", "e"]
    assert listed_people(shop, TUESDAY, "audience") == list("abcde")


def test_a_day_that_broke_off_is_completed_when_it_is_run_again_as_an_old_day(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_on_monday(shop, monkeypatch)
    shop.on_day(TUESDAY, champions="abcde")
    assert shop.sync(MONDAY).is_old_day
    assert listed_people(shop, MONDAY, "adds") == ["a", "b"]


def test_a_day_that_broke_off_is_completed_although_the_next_day_cannot_be_delivered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_on_monday(shop, monkeypatch)
    with pytest.raises(SegmentNotEvaluatedError):
        shop.sync(TUESDAY)
    assert listed_people(shop, MONDAY, "adds") == ["a", "b"]


def test_a_complete_day_that_broke_off_when_it_was_run_again_is_completed_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY)
    shop.consents("a", is_granted=False)
    with monkeypatch.context() as patched:
        patched.setattr(FileDestination, "complete", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY)
    shop.on_day(TUESDAY, champions="b")
    shop.sync(TUESDAY)
    assert listed_people(shop, MONDAY, "removes") == ["a"]


def test_a_part_that_was_never_acknowledged_is_removed_when_its_people_are_gone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")

    with monkeypatch.context() as patched:
        patched.setattr("dagster_project.activation.delivery.record_receipt", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY)
    assert len(list(folder_of(shop, MONDAY).glob("adds-*.csv"))) == 1
    shop.consents("a", is_granted=False)
    shop.sync(MONDAY)
    assert lines_of(folder_of(shop, MONDAY), "adds-*.csv") == [
        "email",
        sha256("b@example.com"),
    ]


def test_a_part_of_a_day_before_that_was_never_acknowledged_is_removed_and_its_people_taken_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    with monkeypatch.context() as patched:
        patched.setattr("dagster_project.activation.delivery.record_receipt", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY)
    shop.consents("a", is_granted=False)
    shop.on_day(TUESDAY, champions="a")
    shop.sync(TUESDAY)
    assert list(folder_of(shop, MONDAY).glob("adds-*.csv")) == []
    assert lines_of(folder_of(shop, TUESDAY), "removes-*.csv") == [
        "email",
        sha256("a@example.com"),
    ]
