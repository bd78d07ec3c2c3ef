"""Audiences as files, for whatever fetches files.

`<root>/<audience>/<as_of>/` holds `removes-<batch>.csv` and `adds-<batch>.csv` (the difference),
`audience.csv` (everybody, after the difference), and `manifest.json`, which is written last: what
it lists is complete. It lists the parts in the order in which they are to be carried out. Every
file is written beside its place and renamed, and its content depends on nothing but the data, so
writing it again changes nothing.

A file holds identifiers and nothing else, above all no `profile_id`: who was two people yesterday
is one today, so whoever went by the id would keep somebody. The manifest names the columns of each:
a removal may take back a kind that the audience does not declare any more. What a part adds or
removes are identifiers, each for itself, whatever others stand in its row: carrying out all parts
of all days leads to the identifiers in the last `audience.csv`. Rows stand in the order of their
identifiers, and no file has one twice: people who share all that they are known by are one row. A
person who leaves, but whose identifiers all stay for others, has no row, and a part without rows is
not written.

Belongs here: layout and writing of files. Does not belong here: who is in them.
"""

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

import pandas as pd

from dagster_project.activation.audience import Audience
from dagster_project.activation.destinations import DeliveredBatch, Receipt
from dagster_project.activation.plan import Action, Batch

_PARTIAL = ".partial"


class FileDestination:
    """Delivers audiences into a folder."""

    name = "files"

    def __init__(self, root: Path) -> None:
        """Deliver into a folder, which is made when it is missing.

        Args:
            root: The folder of all audiences.
        """
        self._root = root

    def deliver(self, batch: Batch) -> Receipt:
        """Write a batch as a part. A part that was written before is overwritten by itself."""
        folder = self._folder(batch.audience, batch.as_of)
        identifiers = batch.members.drop(columns="profile_id")
        rows = identifiers.dropna(how="all").drop_duplicates()
        if not rows.empty:
            rows = rows.sort_values(list(rows.columns), na_position="first")
            _write(
                folder / _part_name(batch.action, batch.batch_id),
                lambda file: _write_rows(file, rows.columns, [rows]),
            )
        return Receipt()

    def complete(
        self,
        audience: Audience,
        as_of: date,
        delivered: Sequence[DeliveredBatch],
        members: Iterable[pd.DataFrame],
    ) -> Sequence[Path]:
        """Write the whole audience, then the manifest; drop parts that were never acknowledged."""
        folder = self._folder(audience, as_of)
        parts = [folder / _part_name(batch.action, batch.batch_id) for batch in delivered]
        _remove_leftovers(folder, keep=parts)
        everybody = folder / "audience.csv"
        _write(everybody, lambda file: _write_rows(file, audience.identifiers, members))
        # Whoever fetches the parts may have moved them away, and some had nothing to tell.
        present = [part for part in parts if part.exists()]
        manifest = folder / "manifest.json"
        content = _manifest(audience, as_of, [*present, everybody])
        _write(manifest, lambda file: json.dump(content, file, indent=2))
        return [*present, everybody, manifest]

    def _folder(self, audience: Audience, as_of: date) -> Path:
        folder = self._root / audience.name / as_of.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _part_name(action: Action, batch_id: str) -> str:
    return f"{action}s-{batch_id}.csv"


def _remove_leftovers(folder: Path, *, keep: Sequence[Path]) -> None:
    """Remove what a crash left: its people may have withdrawn their consent in the meantime."""
    parts = {*folder.glob("adds-*.csv"), *folder.glob("removes-*.csv")}
    for leftover in [*sorted(parts - set(keep)), *folder.glob(f".*{_PARTIAL}")]:
        leftover.unlink()


def _write_rows(file: TextIO, columns: Iterable[str], pages: Iterable[pd.DataFrame]) -> None:
    csv.writer(file, lineterminator="\n").writerow(columns)
    for page in pages:
        page.to_csv(file, index=False, header=False, lineterminator="\n")


def _write(path: Path, write: Callable[[TextIO], None]) -> None:
    """Write a file beside its place, then put it there, unless the very same is there already."""
    partial = path.with_name(f".{path.name}{_PARTIAL}")
    with partial.open("w", encoding="utf-8", newline="") as file:
        write(file)
        file.flush()
        # A part counts as delivered as soon as it has its name, so it has to be on the disk.
        os.fsync(file.fileno())
    if path.exists() and _checksum(path) == _checksum(partial):
        partial.unlink()
    else:
        partial.replace(path)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def _count_rows(path: Path) -> int:
    """Count the lines below the heading; no value holds a line break."""
    with path.open(encoding="utf-8") as file:
        return sum(1 for _line in file) - 1


def _manifest(audience: Audience, as_of: date, files: Sequence[Path]) -> dict[str, object]:
    return {
        "audience": audience.name,
        "segment": audience.segment,
        "purpose": audience.purpose,
        "as_of": as_of.isoformat(),
        "identifiers": list(audience.identifiers),
        "hashing": audience.hashing,
        "files": [
            {
                "name": path.name,
                "content": path.stem.partition("-")[0],
                "columns": _columns(path),
                "rows": _count_rows(path),
                "sha256": _checksum(path),
            }
            for path in files
        ],
    }
