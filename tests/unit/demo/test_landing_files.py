"""Files by day."""

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.demo.landing_files import (
    WRITER_SETTINGS,
    FileFormat,
    LandingTable,
    allow_open_files,
    write_daily_files,
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config=dict(WRITER_SETTINGS)) as connection:
        connection.execute(
            """
            create schema landing;
            create view landing.shop__sales as
            select * from (values
                (date '2026-01-02', 'c', 'said "no, thanks"', 3),
                (date '2026-01-01', 'b', null, 2),
                (date '2026-01-01', 'a', 'ok', 1)
            ) as sales (landed_on, sale_id, remark, amount)
            """
        )
        yield connection


@pytest.mark.parametrize("file_format", FileFormat)
def test_each_day_is_one_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, file_format: FileFormat
) -> None:
    table = LandingTable("shop", "sales", file_format)
    assert write_daily_files(connection, table, tmp_path / table.name) == 3
    assert sorted(path.name for path in (tmp_path / "shop" / "sales").iterdir()) == [
        f"2026-01-01.{file_format}",
        f"2026-01-02.{file_format}",
    ]
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["sales"]


def test_rows_keep_the_order_of_the_view_and_do_not_show_the_day(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_daily_files(connection, LandingTable("shop", "sales", FileFormat.CSV), tmp_path / "sales")
    assert (tmp_path / "sales" / "2026-01-01.csv").read_text() == (
        "sale_id,remark,amount\nb,,2\na,ok,1\n"
    )


def test_each_day_is_one_file_however_many_days_and_rows_there_are(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # DuckDB writes what it holds of all days whenever it holds so many rows. A join with an
    # optional side puts rows of neighbouring days a little out of order.
    connection.execute("set partitioned_write_flush_threshold = 10000")
    connection.execute(
        """
        create view landing.shop__visits as
        select
            date '2026-01-01' + (visit_number // 60)::integer as landed_on,
            visit_number
        from range(60 * 365) as visits (visit_number)
        order by visit_number // 3000, visit_number % 2, visit_number
        """
    )
    table = LandingTable("shop", "visits", FileFormat.PARQUET)
    write_daily_files(connection, table, tmp_path / "visits")
    assert len(list((tmp_path / "visits").iterdir())) == 365


def test_json_lines_survive_quotes_and_commas(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = LandingTable("shop", "sales", FileFormat.NDJSON)
    write_daily_files(connection, table, tmp_path / "sales")
    lines = (tmp_path / "sales" / "2026-01-02.ndjson").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"sale_id": "c", "remark": 'said "no, thanks"', "amount": 3}
    ]


def test_writers_may_open_files_where_the_system_gives_few() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        allow_open_files(2)
        given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert given == 1200 or given == limits[1]
    assert most == limits[1]
