"""Landed files: which ones there are, their checksums, and what their first lines say.

Belongs here: whatever is known of a file before its rows are read, in work that grows with files,
not with rows. Does not belong here: reading rows (`reading`).
"""

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from dagster_project.ingestion.contracts import LANDING_DAY, FileFormat, SourceTable

_CHUNK_BYTES = 1 << 20
_HEADER_CHARACTERS = 1 << 20
_LINES_LOOKED_AT = 100
_STILL_BEING_WRITTEN = (".tmp", ".part", ".partial", ".crc")
_OTHER_DELIMITERS = ";\t|,"


class UnreadableFileError(Exception):
    """A file that no row can be taken from; the text says what it is and what to do."""


@dataclass(frozen=True)
class LandedFile:
    """A file in landing storage.

    Attributes:
        path: Where it is.
        name: The same, relative to the landing folder.
        landed_on: Its landing day.
        size_bytes: Its size, as it lies there.
        checksum: SHA-256 of the same bytes.
        is_gzip: Whether it has to be unpacked.
        has_open_quote: Whether a CSV file holds an odd number of quotes.
        line_ends: How the lines of an NDJSON file end: line feed, carriage return, or the pair.
    """

    path: Path
    name: str
    landed_on: date
    size_bytes: int
    checksum: str
    is_gzip: bool
    has_open_quote: bool
    line_ends: frozenset[str]


def find_files(landing: Path, table: SourceTable, last_day: date) -> list[tuple[date, Path]]:
    """List a table's files up to a landing day, in the order of days and names."""
    expression = re.compile(
        "".join(_as_expression(part) for part in re.split(r"(\{landed_on\}|\*|\?)", table.path))
    )
    found = []
    for path in landing.glob(table.path.replace(LANDING_DAY, "????-??-??")):
        match = expression.fullmatch(path.relative_to(landing).as_posix())
        landed_on = _day(match["landed_on"]) if match else None
        if landed_on is None or landed_on > last_day:
            continue
        if path.is_file() and path.suffix not in _STILL_BEING_WRITTEN:
            found.append((landed_on, path))
    return sorted(found)


def _as_expression(part: str) -> str:
    wildcards = {LANDING_DAY: r"(?P<landed_on>\d{4}-\d{2}-\d{2})", "*": "[^/]*", "?": "[^/]"}
    return wildcards.get(part) or re.escape(part)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def examine(landing: Path, table: SourceTable, landed_on: date, path: Path) -> LandedFile:
    """Read a file's bytes: checksum, integrity, quotes, line ends.

    Raises:
        UnreadableFileError: When it is empty or a damaged gzip.
    """
    is_gzip = table.compression == "gzip" or (table.compression == "auto" and path.suffix == ".gz")
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise UnreadableFileError(
            "the file is empty (0 bytes). Have the source deliver it again; "
            "a day without rows is a file with a header alone, or no file"
        )
    digest = hashlib.sha256()
    marks = _Marks(table.format)
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK_BYTES), b""):
            digest.update(chunk)
            if not is_gzip:
                marks.count(chunk)
    if is_gzip:
        for chunk in _unpacked_chunks(path):
            marks.count(chunk)
    return LandedFile(
        path=path,
        name=path.relative_to(landing).as_posix(),
        landed_on=landed_on,
        size_bytes=size_bytes,
        checksum=digest.hexdigest(),
        is_gzip=is_gzip,
        has_open_quote=marks.quotes % 2 == 1,
        line_ends=marks.line_ends,
    )


class _Marks:
    """Counts the characters of a text that decide how it can be read; nothing for Parquet."""

    def __init__(self, file_format: FileFormat) -> None:
        self._format = file_format
        self.quotes = 0
        self._feeds = 0
        self._returns = 0
        self._pairs = 0
        self._ended_in_return = False

    def count(self, chunk: bytes) -> None:
        if self._format is FileFormat.CSV:
            self.quotes += chunk.count(b'"')
        elif self._format is FileFormat.NDJSON:
            self._feeds += chunk.count(b"\n")
            self._returns += chunk.count(b"\r")
            self._pairs += chunk.count(b"\r\n")
            self._pairs += self._ended_in_return and chunk.startswith(b"\n")
            self._ended_in_return = chunk.endswith(b"\r")

    @property
    def line_ends(self) -> frozenset[str]:
        counted = {
            "\n": self._feeds - self._pairs,
            "\r": self._returns - self._pairs,
            "\r\n": self._pairs,
        }
        return frozenset(line_end for line_end, count in counted.items() if count)


def _unpacked_chunks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            # DuckDB takes what it can get of a truncated gzip, so the end is looked for here.
            yield from iter(lambda: file.read(_CHUNK_BYTES), b"")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(
            "the gzip is truncated or damaged. Have the source deliver it again"
        ) from error


def _open_text(file: LandedFile) -> io.TextIOWrapper:
    # Bad bytes further down are the rows' matter; here they must only not pass for text.
    return io.TextIOWrapper(_open(file), encoding="utf-8-sig", errors="surrogateescape")


def _open(file: LandedFile) -> BinaryIO:
    if file.is_gzip:
        return cast("BinaryIO", gzip.open(file.path, "rb"))
    return file.path.open("rb")


def _is_text(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def csv_header(file: LandedFile, table: SourceTable) -> tuple[str, ...]:
    """Read the names of a CSV file's columns and check that all declared ones are there.

    Raises:
        UnreadableFileError: Says which columns are missing and, where it can, why.
    """
    with _open_text(file) as text:
        line = text.readline(_HEADER_CHARACTERS)
    if not _is_text(line):
        raise UnreadableFileError(
            "the file is binary or not UTF-8, not a CSV file. Have the source deliver CSV"
        )
    names = _names(line, table.delimiter) if len(line) < _HEADER_CHARACTERS else None
    if names is None:
        raise UnreadableFileError(
            "the first line is too long for a header. Have the source deliver CSV, "
            "its rows on lines of their own"
        )
    twice = sorted({name for name in names if names.count(name) > 1} & set(table.columns))
    if twice:
        raise UnreadableFileError(f"the header holds {', '.join(twice)} more than once")
    require_columns(names, table, hint=_delimiter_hint(line, table))
    return names


def _names(line: str, delimiter: str) -> tuple[str, ...] | None:
    try:
        return tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:  # a name of more than 131,072 characters
        return None


def _delimiter_hint(line: str, table: SourceTable) -> str:
    declared = set(table.columns)

    def recognised(delimiter: str) -> int:
        return len(declared & set(_names(line, delimiter) or ()))

    best = max(_OTHER_DELIMITERS, key=recognised)
    if recognised(best) > recognised(table.delimiter):
        shown = "a tab" if best == "\t" else f"'{best}'"
        return (
            f"the header looks as if it were delimited by {shown}, "
            f"while '{table.delimiter}' is declared. Correct the file, or declare its `delimiter`"
        )
    if not recognised(table.delimiter):
        # A first line without names may be a person's row: it is not shown.
        return "no declared column is in the first line; is the header missing?"
    return "Have the source deliver them, or declare them `optional`"


def require_columns(names: tuple[str, ...], table: SourceTable, hint: str) -> None:
    """Check that every declared column that is not optional is among a file's columns.

    Raises:
        UnreadableFileError: Names what is missing, and ends with the hint.
    """
    missing = [
        name for name, column in table.columns.items() if name not in names and not column.optional
    ]
    if missing:
        noun = "column is" if len(missing) == 1 else "columns are"
        raise UnreadableFileError(f"the {noun} missing: {', '.join(missing)}; {hint}")


def check_ndjson(file: LandedFile) -> None:
    """Look for an object in the first lines of an NDJSON file, and at how its lines end.

    Raises:
        UnreadableFileError: When the file begins with lines and none of them is a JSON object, or
            when a carriage return alone ends a line here, and something else does there.
    """
    if not _may_hold_objects(file):
        raise UnreadableFileError(
            "none of its first lines is a JSON object, so it is no NDJSON file. "
            "Have the source deliver one object a line"
        )
    if "\r" in file.line_ends and len(file.line_ends) > 1:
        raise UnreadableFileError(
            "its line ends are mixed: some lines end in a carriage return alone (\\r), "
            "others in a line feed (\\n). Have the source end every line in a line feed"
        )


def _may_hold_objects(file: LandedFile) -> bool:
    has_lines = False
    with _open_text(file) as text:
        for _ in range(_LINES_LOOKED_AT):
            line = text.readline(_HEADER_CHARACTERS)
            if not line:
                break
            if _is_json_object(line):
                return True
            has_lines = has_lines or bool(line.strip())
    return not has_lines


def _is_json_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):  # the latter for very deep nesting
        return False


def check_parquet(file: LandedFile) -> None:
    """Look at both ends of a Parquet file.

    Raises:
        UnreadableFileError: When it is none, or was cut off.
    """
    with file.path.open("rb") as content:
        first = content.read(4)
        content.seek(-min(4, file.size_bytes), io.SEEK_END)
        last = content.read(4)
    if first != b"PAR1" or last != b"PAR1":
        what = "was cut off" if first == b"PAR1" else "is no Parquet file"
        raise UnreadableFileError(f"the file {what}. Have the source deliver it again")


def blank_lines_before(file: LandedFile, position: int) -> int:
    """Count the blank lines of a CSV file outside of quoted values, before a byte position."""
    with _open(file) as content:
        before = content.read(position)
        after = content.read(_CHUNK_BYTES)
    # DuckDB lets a row begin with the blank lines before it.
    before += after[: len(after) - len(after.lstrip(b"\r\n"))]
    without_quoted = re.sub(rb'"[^"]*"', b'""', before)
    return len(re.findall(rb"(?<=\n)\r?\n", without_quoted))
