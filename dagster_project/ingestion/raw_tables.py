"""The tables of `raw`: their shape, and replacing what they hold of a range of landing days.

Belongs here: every write to `raw`. Does not belong here: deciding what is written (`loading`).

The functions that write expect the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from dagster_project.ingestion.contracts import LoadMode, SourceTable
from dagster_project.ingestion.files import LandedFile
from dagster_project.ingestion.sql import identifier

_PROVENANCE = {"_landed_on": "DATE", "_source_file": "VARCHAR", "_source_row": "BIGINT"}

_REJECTED_ROWS = """
create table if not exists raw.rejected_rows (
    source varchar, table_name varchar, _landed_on date, _source_file varchar,
    _source_row bigint, reason varchar, row_text varchar
)
"""
_LOADS = """
create table if not exists raw.loads (
    source varchar, table_name varchar, _landed_on date, source_file varchar, checksum varchar,
    size_bytes bigint, rows_read bigint, rows_loaded bigint, rows_rejected bigint
)
"""


@dataclass(frozen=True)
class Extent:
    """Which rows of which table a load is about.

    Attributes:
        source: The source's name.
        table: The table's contract.
        first_day: The first landing day.
        last_day: The last landing day.
    """

    source: str
    table: SourceTable
    first_day: date
    last_day: date

    @property
    def name(self) -> str:
        """The table's name in `raw`."""
        return self.table.raw_name(self.source)

    @property
    def relation(self) -> str:
        """The table as SQL names it."""
        return f"raw.{identifier(self.name)}"


def conflicts(connection: duckdb.DuckDBPyConnection, extent: Extent) -> list[str]:
    """Name the columns whose type in the warehouse is another than the declared one."""
    held = _held_columns(connection, extent)
    return [
        f"raw.{extent.name}, column {name}: it is {held[name]} in the warehouse and "
        f"{column.engine_type} as declared. Declare the old type or a new column; or drop the "
        "table and load all its days again"
        for name, column in extent.table.columns.items()
        if name in held and held[name] != column.engine_type
    ]


def _held_columns(connection: duckdb.DuckDBPyConnection, extent: Extent) -> dict[str, str]:
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw' and table_name = ?",
        [extent.name],
    ).fetchall()
    return {name: kind.replace(" ", "") for name, kind in rows}


def prepare(connection: duckdb.DuckDBPyConnection, extent: Extent) -> None:
    """Create the table and its companions, or add the columns that were declared since."""
    declared = {name: column.engine_type for name, column in extent.table.columns.items()}
    columns = ", ".join(
        f"{identifier(name)} {kind}" for name, kind in {**declared, **_PROVENANCE}.items()
    )
    connection.execute("create schema if not exists raw")
    connection.execute(_REJECTED_ROWS)
    connection.execute(_LOADS)
    connection.execute(f"create table if not exists {extent.relation} ({columns})")
    held = _held_columns(connection, extent)
    for name, kind in declared.items():
        if name not in held:
            connection.execute(
                f"alter table {extent.relation} add column {identifier(name)} {kind}"
            )


def days_kept(
    connection: duckdb.DuckDBPyConnection, extent: Extent, files: Sequence[LandedFile]
) -> list[date]:
    """List the days of the range that `raw.loads` knows files of, and landing holds none of."""
    loaded = {day for day, _ in _loaded_files(connection, extent)}
    in_range = {day for day in loaded if extent.first_day <= day <= extent.last_day}
    return sorted(in_range - {file.landed_on for file in files})


def days_missed(
    connection: duckdb.DuckDBPyConnection, extent: Extent, landed: Sequence[tuple[date, str]]
) -> list[date]:
    """List the days before the range with a landed file that `raw.loads` does not know.

    A file is the same when it was packed or unpacked since. Of a table in replace mode the newest
    file is all that counts, so a missed file that a newer one supersedes is none.

    Args:
        connection: The warehouse.
        extent: What is being loaded.
        landed: The landing day and the name of each landed file up to the end of the range.
    """
    loaded = _loaded_files(connection, extent)
    known = {name for _, name in loaded}
    gone = known - {name for _, name in landed}
    missed = {
        day
        for day, name in landed
        if day < extent.first_day and name not in known and _repacked(name) not in gone
    }
    if extent.table.mode is LoadMode.REPLACE:
        newest = max((day for day, _ in (*landed, *loaded)), default=None)
        return sorted(missed & {newest})
    return sorted(missed)


def _loaded_files(connection: duckdb.DuckDBPyConnection, extent: Extent) -> list[tuple[date, str]]:
    is_there = connection.execute(
        "select count(*) > 0 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'raw' and table_name = 'loads'"
    ).fetchone()
    if is_there != (True,):
        return []
    return connection.execute(
        "select _landed_on, source_file from raw.loads where source = ? and table_name = ?",
        [extent.source, extent.table.name],
    ).fetchall()


def _repacked(name: str) -> str:
    return name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"


def replace_rows(
    connection: duckdb.DuckDBPyConnection, extent: Extent, files: Sequence[LandedFile]
) -> None:
    """Put the rows of `ingested_accepted` in the place of those that the files' days held."""
    if extent.table.mode is LoadMode.APPEND:
        connection.execute(
            f"delete from {extent.relation} where list_contains(?::date[], _landed_on)",
            [_days_of(files)],
        )
        _insert(connection, extent, extent.first_day)
        return
    newest = max((file.landed_on for file in files), default=None)
    held = connection.execute(
        "select max(_landed_on) from raw.loads where source = ? and table_name = ?",
        [extent.source, extent.table.name],
    ).fetchone()
    # The newest file wins, in whatever order the days are run.
    if newest is not None and (held is None or held[0] is None or newest >= held[0]):
        connection.execute(f"delete from {extent.relation}")
        _insert(connection, extent, newest)


def _days_of(files: Sequence[LandedFile]) -> list[date]:
    return sorted({file.landed_on for file in files})


def _insert(connection: duckdb.DuckDBPyConnection, extent: Extent, from_day: date) -> None:
    columns = ", ".join(identifier(name) for name in extent.table.columns)
    connection.execute(
        f"insert into {extent.relation} "
        f"({columns}, _landed_on, _source_file, _source_row) "
        f"select {columns}, _landed_on, _source_file, _source_row from ingested_accepted "
        "where _landed_on >= ?",
        [from_day],
    )


def replace_records(
    connection: duckdb.DuckDBPyConnection, extent: Extent, files: Sequence[LandedFile]
) -> None:
    """Put what is known of the files' days and their rejected rows in the place of what was."""
    for name in ("rejected_rows", "loads"):
        connection.execute(
            f"delete from raw.{name} where source = ? and table_name = ? "
            "and list_contains(?::date[], _landed_on)",
            [extent.source, extent.table.name, _days_of(files)],
        )
    connection.execute(
        "insert into raw.rejected_rows by name "
        "select ? as source, ? as table_name, * exclude (_is_expendable) from ingested_rejected",
        [extent.source, extent.table.name],
    )
    connection.execute(
        "insert into raw.loads by name select ? as source, ? as table_name, * from ingested_loads",
        [extent.source, extent.table.name],
    )
