"""Writes a DuckDB relation as one file per day, fast, and always the same bytes for the same rows.

What belongs here: formats, file names and folders. What does not: what the rows are.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb


WRITER_SETTINGS: Mapping[str, int] = {
    # One thread keeps the order of rows.
    "threads": 1,
    # A day's file stays open until its last row: one that was closed would go on as a second file.
    # No demo has more days than a year.
    "partitioned_write_max_open_files": 400,
}
"""Settings of DuckDB without which a day comes out as several files, or other bytes each time."""


class FileFormat(StrEnum):
    """The formats of landing files; the value is the file name's extension."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True)
class LandingTable:
    """A table that arrives as files.

    The view ``landing.<source>__<table>`` has the file's columns and ``landed_on``, which says in
    which day's file a row lies. It gives its rows in the order in which they are to be written,
    those of a day near each other: sorting is cheap where a row is still narrow, and dear here.
    """

    source: str
    table: str
    file_format: FileFormat

    @property
    def name(self) -> str:
        """How the table is called in messages and folders."""
        return f"{self.source}/{self.table}"

    @property
    def view(self) -> str:
        """Name of the view that holds its rows."""
        return f"landing.{self.source}__{self.table}"


def allow_open_files(writers: int) -> None:
    """Let this process hold as many files open as so many writers need at once.

    Systems differ in how many they give a process unless it asks: some give 256, fewer than a year
    has days. Where the system gives no more, as much as it gives is asked for.

    Args:
        writers: How many tables are written at once.
    """
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415

        needed = (writers + 1) * WRITER_SETTINGS["partitioned_write_max_open_files"]
        given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if given != resource.RLIM_INFINITY and given < needed:
            granted = needed if most == resource.RLIM_INFINITY else min(needed, most)
            resource.setrlimit(resource.RLIMIT_NOFILE, (granted, most))


def write_daily_files(
    connection: duckdb.DuckDBPyConnection, table: LandingTable, folder: Path
) -> int:
    """Write a table's rows as ``<folder>/<YYYY-MM-DD>.<extension>``.

    DuckDB must run with ``WRITER_SETTINGS``: then rows keep the order of the view, each day is one
    file, and the same rows give the same bytes. Several tables may be written at once, each on a
    cursor of its own.

    Args:
        connection: Connection or cursor of a database with ``WRITER_SETTINGS``.
        table: What to write.
        folder: Where to; it must not exist yet.

    Returns:
        How many rows were written.

    Raises:
        RuntimeError: If a day came out as several files.
    """
    partitions = folder.with_name(f".{folder.name}-by-day")
    partitions.parent.mkdir(parents=True, exist_ok=True)
    result = connection.execute(_copy_statement(table, partitions)).fetchone()
    folder.mkdir()
    for partition in partitions.iterdir():
        written = list(partition.iterdir())
        if len(written) != 1:
            raise RuntimeError(
                f"{table.name}: {partition.name} came out as {len(written)} files instead of one; "
                "connect with WRITER_SETTINGS, and let the view give rows day by day."
            )
        day = partition.name.removeprefix("landed_on=")
        written[0].rename(folder / f"{day}.{table.file_format}")
        partition.rmdir()
    partitions.rmdir()
    return int(result[0]) if result else 0


def _copy_statement(table: LandingTable, target: Path) -> str:
    rows = f"from {table.view}"
    match table.file_format:
        case FileFormat.PARQUET:
            options = "format parquet, compression zstd"
        case FileFormat.CSV:
            options = "format csv, header"
        case FileFormat.NDJSON:
            # DuckDB's JSON writer cannot partition; its CSV writer can, and leaves a single column
            # of JSON as it is when there is nothing to quote with. Told to quote all the same, it
            # does not look through each line for what would need quotes.
            rows = (
                "select landed_on, to_json(struct_pack(*columns(* exclude (landed_on)))) as line "
                f"from {table.view}"
            )
            options = (
                "format csv, header false, quote '', escape '', delimiter '\x1f', force_quote *"
            )
    return f"copy ({rows}) to '{_quoted(target)}' ({options}, partition_by (landed_on))"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
