"""How fast files become raw tables, and what the daily job takes: time and memory.

Run as `python -m tests.benchmarks.pipeline`, with the demo's options `--customers` and `--days` for
another size. Each part is a process of its own, so that its peak memory is its own. Ingestion is
set beside its peer, DuckDB reading the very same files into tables with types guessed, nothing
checked and nothing kept of what is wrong.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks import measuring

UNTIL = date(2026, 10, 31)


def make(home: Path, customers: int | None, days: int | None) -> Mapping[str, Any]:
    """Make the retailer's files."""
    from dagster_project.demo.retailer import land_retailer
    from dagster_project.home import Home
    from dagster_project.settings import read_settings

    retailer = land_retailer(Home(home), until=UNTIL, customers=customers, days=days, seed=42)
    first_day = read_settings(Home(home)).first_day
    return {"rows": retailer.rows, "people": retailer.people, "first_day": str(first_day)}


def read_plainly(home: Path) -> Mapping[str, Any]:
    """Let DuckDB read the same files with nothing checked: the peer of ingestion."""
    import duckdb

    readers = {"csv": "read_csv", "ndjson": "read_json", "parquet": "read_parquet"}
    rows = 0
    with duckdb.connect(str(home / "plain.duckdb")) as connection:
        for number, folder in enumerate(sorted((home / "landing").glob("*/*"))):
            extension = next(folder.iterdir()).suffix.removeprefix(".")
            options = ", ignore_errors = true" if extension != "parquet" else ""
            connection.execute(
                f"create table plain_{number} as from {readers[extension]}"
                f"('{folder}/*', union_by_name = true, filename = true{options})"
            )
            counted = connection.sql(f"select count(*) from plain_{number}").fetchone()
            rows += counted[0] if counted else 0
    (home / "plain.duckdb").unlink()
    return {"rows": rows}


def run(home: Path, job_name: str, tags: Mapping[str, str]) -> Mapping[str, Any]:
    """Run a job of the code location in this process."""
    os.environ["SEGMENTATION_HOME"] = str(home)
    import dagster as dg

    from dagster_project.definitions import definitions
    from dagster_project.home import Home
    from dagster_project.instance import prepare_instance

    os.environ["DAGSTER_HOME"] = str(prepare_instance(Home(home)))
    job = definitions().resolve_job_def(job_name)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.get() as instance:
        started = time.perf_counter()
        job.execute_in_process(instance=instance, tags=dict(tags), run_config=quiet)
        return {"seconds": time.perf_counter() - started}


def measured(part: str, *arguments: Any) -> dict[str, Any]:
    """Run a part of this module as a process of its own."""
    return measuring.measured("tests.benchmarks.pipeline", part, *arguments)


def main() -> None:
    """Measure one size and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int)
    parser.add_argument("--days", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segmentation-benchmark-") as folder:
        made = measured("make", folder, options.customers, options.days)
        plain = measured("read_plainly", folder)
        whole_range = {
            "dagster/asset_partition_range_start": made["first_day"],
            "dagster/asset_partition_range_end": UNTIL.isoformat(),
        }
        ingestion = measured("run", folder, "ingestion", whole_range)
        newest = {"dagster/partition": UNTIL.isoformat()}
        first = measured("run", folder, "daily", newest)
        again = measured("run", folder, "daily", newest)
        size = (Path(folder) / "warehouse.duckdb").stat().st_size / 2**30
    rows = made["rows"]
    print(f"{made['people']:,} people, {rows:,} rows, warehouse {size:.2f} GiB")
    for title, part in {
        "making the files": made,
        "DuckDB reading them plainly": plain,
        "ingestion, one run": ingestion,
    }.items():
        seconds = part.get("seconds", part["wall"])
        print(
            f"  {title:<32}{seconds:8.1f} s {rows / seconds:12,.0f} rows/s "
            f"{part['peak_gib']:6.2f} GiB"
        )
    print(f"  ingestion took {ingestion['seconds'] / plain['wall']:.1f} times the plain reading")
    for title, part in {"daily job, first time": first, "daily job, again": again}.items():
        print(
            f"  {title:<32}{part['seconds']:8.1f} s (process {part['wall']:.1f} s) "
            f"{part['peak_gib']:6.2f} GiB"
        )


if __name__ == "__main__":
    main()
