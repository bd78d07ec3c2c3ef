"""The demo's files, made once for all tests that only look at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.demo.generator import TABLES, GenerationSummary, generate
from dagster_project.demo.landing_files import FileFormat, LandingTable

UNTIL = date(2026, 10, 31)


@dataclass(frozen=True)
class Retailer:
    """Generated files, and how to look at them."""

    root: Path
    summary: GenerationSummary
    connection: duckdb.DuckDBPyConnection

    @property
    def landing(self) -> Path:
        """The landing folder."""
        return self.root / "landing"

    @property
    def truth(self) -> Path:
        """Who is who."""
        return self.root / "truth" / "people.parquet"

    def rows(self, query: str) -> list[tuple]:
        """Rows of a query, in which `"crm/customers"` is a table with the column `landed_on`."""
        return self.connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        """The one value of a query."""
        return self.rows(query)[0][0]


def make_retailer(root: Path, **arguments: int) -> GenerationSummary:
    return generate(root / "landing", root / "truth" / "people.parquet", until=UNTIL, **arguments)


def _reader(table: LandingTable, landing: Path) -> str:
    files = f"'{landing / table.name}/*.{table.file_format}', filename = true"
    match table.file_format:
        case FileFormat.PARQUET:
            return f"read_parquet({files})"
        case FileFormat.CSV:
            return f"read_csv({files}, header = true, all_varchar = true)"
        case FileFormat.NDJSON:
            return f"read_json({files}, format = 'newline_delimited', sample_size = -1)"


def _open(root: Path, summary: GenerationSummary) -> Iterator[Retailer]:
    with duckdb.connect() as connection:
        for table in TABLES:
            if not (root / "landing" / table.name).exists():
                continue
            connection.execute(
                f'create view "{table.name}" as select * exclude (filename), '
                "parse_filename(filename, true)::date as landed_on "
                f"from {_reader(table, root / 'landing')}"
            )
        yield Retailer(root, summary, connection)


@pytest.fixture(scope="session")
def small_retailer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retailer]:
    """A few hundred people and two months."""
    root = tmp_path_factory.mktemp("small-retailer")
    yield from _open(root, make_retailer(root, customers=400, days=60))


@pytest.fixture(scope="session")
def whole_retailer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retailer]:
    """Every real household and every day."""
    root = tmp_path_factory.mktemp("whole-retailer")
    yield from _open(root, make_retailer(root))
