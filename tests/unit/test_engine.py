"""The engine: opening the warehouse, waiting for it, transactions."""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import duckdb
import pytest

from dagster_project.engine import WarehouseLockedError, open_warehouse, transaction


def _python(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the warehouse until it is told to let go."""
    process = _python(
        f"""
        import duckdb
        connection = duckdb.connect({str(tmp_path / "warehouse.duckdb")!r})
        connection.execute("create table held as select 1 as value")
        print("held", flush=True)
        input()
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_the_session_speaks_utc(tmp_path: Path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        zone = connection.con.sql("select current_setting('TimeZone')").fetchone()
    assert zone == ("UTC",)


def test_the_folder_of_a_new_warehouse_is_made(tmp_path: Path):
    path = tmp_path / "home" / "warehouse.duckdb"
    with open_warehouse(path):
        pass
    assert path.exists()


def test_a_warehouse_held_for_too_long_is_named_with_its_holder(tmp_path: Path, holder):
    path = tmp_path / "warehouse.duckdb"
    with (
        pytest.raises(WarehouseLockedError, match=rf"{path}.*PID {holder.pid}"),
        open_warehouse(path, wait_seconds=0.2),
    ):
        pass


def test_a_warehouse_that_is_let_go_in_time_is_opened(tmp_path: Path, holder):
    release = threading.Timer(0.5, holder.communicate, ["\n"])
    release.start()
    with open_warehouse(tmp_path / "warehouse.duckdb", wait_seconds=30) as connection:
        assert connection.table("held").count().execute() == 1
    release.join()


def test_an_error_inside_a_transaction_undoes_all_of_it(tmp_path: Path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        connection.con.execute("create table kept as select 1 as value")
        statements = "create table lost as select 1 as value; insert into kept values ('no number')"
        with pytest.raises(duckdb.ConversionException), transaction(connection):
            connection.con.execute(statements)
        assert connection.list_tables() == ["kept"]
        assert connection.table("kept").count().execute() == 1


def test_a_transaction_that_goes_well_is_kept(tmp_path: Path):
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection, transaction(connection):
        connection.con.execute("create table kept as select 1 as value")
    with open_warehouse(path, read_only=True) as connection:
        assert connection.list_tables() == ["kept"]
