"""The engine that does all work on rows: opening the warehouse, transactions, staging.

Belongs here: what every stage needs of the engine, whoever calls it. Does not belong here: Dagster
(see `resources.warehouse`), and any table's definition (see the libraries and the dbt project).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_exponential_jitter,
)

DEFAULT_WAIT_SECONDS = 60.0


class WarehouseLockedError(RuntimeError):
    """Another process kept the warehouse open for longer than we were told to wait."""


def _is_lock_conflict(error: BaseException) -> bool:
    return isinstance(error, duckdb.IOException) and "Could not set lock" in str(error)


def _connect(path: Path, read_only: bool) -> Backend:
    # Ibis sets the session's time zone to UTC.
    return ibis.duckdb.connect(path, read_only=read_only)


@contextmanager
def open_warehouse(
    path: Path | str, *, read_only: bool = False, wait_seconds: float = DEFAULT_WAIT_SECONDS
) -> Iterator[Backend]:
    """Open the warehouse for as long as the block lasts.

    DuckDB has one writing process, so a warehouse that another process holds is waited for. Keep
    the block short: no other process, dbt among them, can work while it is open.

    Args:
        path: The DuckDB file; it and its folder are made when they are missing.
        read_only: Whether to open an existing file without the right to write.
        wait_seconds: For how long to wait for another process to let go.

    Yields:
        An Ibis backend whose session time zone is UTC.

    Raises:
        WarehouseLockedError: Names the file and the process that holds it.
    """
    path = Path(path)
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    attempts = Retrying(
        retry=retry_if_exception(_is_lock_conflict),
        stop=stop_after_delay(wait_seconds),
        wait=wait_exponential_jitter(multiplier=0.1, max=2.0),
    )
    try:
        connection = attempts(_connect, path, read_only)
    except RetryError as error:
        holder = error.last_attempt.exception()
        raise WarehouseLockedError(
            f"The warehouse {path} is still held by another process after {wait_seconds:.0f} s. "
            "End that process, or wait for it, and run this again. "
            f"DuckDB says who it is: {holder}"
        ) from holder
    try:
        yield connection
    finally:
        connection.disconnect()


@contextmanager
def transaction(connection: Backend) -> Iterator[Backend]:
    """Make all writes of the block visible together, or none of them."""
    connection.con.execute("begin transaction")
    try:
        yield connection
    except BaseException:
        connection.con.execute("rollback")
        raise
    connection.con.execute("commit")


@contextmanager
def staged(connection: Backend, name: str, rows: ir.Table) -> Iterator[ir.Table]:
    """Compute rows once, into a temporary table that lasts as long as the block.

    What replaces rows of a table is often computed from that very table, so it has to be complete
    before the first row is deleted.

    Args:
        connection: The warehouse.
        name: The name of the temporary table.
        rows: What to compute.

    Yields:
        The temporary table.
    """
    table = connection.create_table(name, rows, temp=True)
    try:
        yield table
    finally:
        connection.con.execute(f"drop table if exists temp.{name}")
