"""A landing folder, a warehouse, and small tables of a shop that exists in these tests only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from dagster_project.engine import open_warehouse
from dagster_project.ingestion import LoadResult, SourceTable, load_table

FIRST = date(2026, 1, 1)
SECOND = date(2026, 1, 2)
THIRD = date(2026, 1, 3)


@dataclass
class Shop:
    """Where files land, and the warehouse that they are loaded into."""

    landing: Path
    warehouse: Backend

    def land(self, name: str, content: str | bytes) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, table: SourceTable, first: date = FIRST, last: date | None = None) -> LoadResult:
        return load_table(
            self.warehouse,
            "shop",
            table,
            landing=self.landing,
            first_day=first,
            last_day=last or first,
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.warehouse.con.execute(query).fetchall()
        return found

    def everything(self, table: str) -> list[list[tuple[Any, ...]]]:
        """All that ingestion wrote, to compare before and after."""
        return [
            self.rows(f"select * from raw.{name} order by all")
            for name in (f"shop__{table}", "rejected_rows", "loads")
        ]

    def reasons(self) -> list[tuple[int, str]]:
        return self.rows("select _source_row, reason from raw.rejected_rows order by all")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    landing = tmp_path / "landing"
    landing.mkdir()
    with open_warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        yield Shop(landing, warehouse)


def table_of(name: str, file_format: str, **changes: Any) -> SourceTable:
    return SourceTable(
        **{
            "name": name,
            "description": "A table.",
            "path": f"shop/{name}/{{landed_on}}*.{file_format}*",
            "format": file_format,
            "key": ["id"],
            "columns": {
                "id": {},
                "amount": {"type": "decimal"},
                "paid_at": {"type": "timestamp"},
            },
            **changes,
        }
    )


@pytest.fixture
def sales() -> SourceTable:
    """CSV; without expectations, so that Great Expectations need not be imported."""
    return table_of("sales", "csv")


@pytest.fixture
def events() -> SourceTable:
    return table_of("events", "ndjson")


@pytest.fixture
def prices() -> SourceTable:
    return table_of("prices", "csv", mode="replace")
