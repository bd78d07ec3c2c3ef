"""What resolving identities takes, beside splink doing its part of it: time and memory, by size.

Run as `python -m tests.benchmarks.identity`; `--sizes` names other sizes, in records, and
`--home` keeps the data there for another time. The records are the demo's: its generator makes the
files, DuckDB reads those that conformed.customer_records needs straight into `raw`, and dbt builds
from there. Every step is a process of its own, so that its peak memory is its own.

The peer is splink's deterministic linking and clustering, in memory, on the identifiers that
identity.identifiers lets link, a wide table made beforehand. Its counterpart is
identity_components, made from nothing and, as splink's, alone on the machine: both end with the
same components, which is checked. The stage does more: it normalises, judges, limits, names, and
keeps a history. The peers of a day that brings new records are the stage made from nothing, and
the stage made anew on top of the ids that are there, which is what the day stands for.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks import building, measuring

UNTIL = date(2026, 10, 31)
DAYS = 30
RECORDS_PER_PERSON = 3.9
"""How many records a person leaves in so many days."""
RECORDS_OF_A_DAY = 0.01
"""The share of the records that the day brings."""
SIZES = (300_000, 1_000_000, 3_300_000)
COUNTERPART = "identity_components"


def make(home: Path, records: int) -> Mapping[str, Any]:
    """Make the files of a retailer with about so many records."""
    from dagster_project.demo.generator import generate

    people = round(records / RECORDS_PER_PERSON)
    made = generate(
        home / "landing", home / "truth.parquet", until=UNTIL, customers=people, days=DAYS
    )
    return {"people": made.people}


def load(home: Path) -> Mapping[str, Any]:
    """Read the files into `raw`, in the declared types, without the checks of ingestion.

    Left out are rows without what must be there, as ingestion does; others that it rejects are
    too few to matter here.
    """
    import duckdb

    from dagster_project.ingestion.contracts import FileFormat
    from dagster_project.ingestion.raw_tables import Extent, prepare

    readers = {
        FileFormat.CSV: "read_csv({file}, all_varchar = true, header = true",
        FileFormat.NDJSON: "read_json({file}, format = 'newline_delimited', columns = {texts}",
        FileFormat.PARQUET: "read_parquet({file}",
    }
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        for source, table in building.declared_tables():
            extent = Extent(source, table, UNTIL, UNTIL)
            prepare(connection, extent)
            if not _is_behind_records(extent.name):
                continue
            texts = ", ".join(f"{name}: 'VARCHAR'" for name in table.columns)
            pattern = str(home / "landing" / table.path.replace("{landed_on}", "*"))
            reader = readers[table.format].format(file=f"'{pattern}'", texts=f"{{{texts}}}")
            columns = ", ".join(
                f"try_cast(nullif(cast({name} as varchar), '') as {column.engine_type}) as {name}"
                for name, column in table.columns.items()
            )
            required = " and ".join(f"{name} is not null" for name in table.required_columns)
            connection.execute(
                f"""
                insert into {extent.relation} by name
                from (
                    select {columns},
                        cast(regexp_extract(filename, '(\\d+-\\d+-\\d+)[^/]*$', 1) as date)
                            as _landed_on,
                        filename as _source_file,
                        row_number() over () as _source_row
                    from {reader}, filename = true)
                )
                where {required}
                """
            )
    return {}


def _is_behind_records(table: str) -> bool:
    """Tell whether conformed.customer_records reads a raw table, the other ones stay empty."""
    from dagster_project.transformation import PROJECT_FOLDER

    model = (PROJECT_FOLDER / "models/conformed/customer_records.sql").read_text()
    staging = (path.stem for path in (PROJECT_FOLDER / "models/staging").glob("*/stg_*.sql"))
    read = [name for name in staging if f"ref('{name}')" in model]
    return any(name.removeprefix("stg_").startswith(table.rstrip("s")) for name in read)


def build(home: Path, *selected: str) -> Mapping[str, Any]:
    """Bring the selected models up to date with dbt, without tests; tell the time of each."""
    return building.build(home, "--select", *selected)


def resolve(home: Path, *options: str) -> Mapping[str, Any]:
    """Bring the stage up to date as a run does: dbt, the fuzzy matching, dbt again."""
    before = building.build(
        home, *options, "--select", "identity", "resource_type:seed", "--exclude", "fuzzy_links+"
    )
    judging = match(home)
    after = building.build(home, *options, "--select", "fuzzy_links+,identity")
    return {
        "seconds": before["seconds"] + judging["seconds"] + after["seconds"],
        "models": {**before["models"], "fuzzy_pairs": judging["seconds"], **after["models"]},
        "pairs": judging["pairs"],
    }


def match(home: Path) -> Mapping[str, Any]:
    """Judge the pairs of the fuzzy matching that are to be judged."""
    from dagster_project.engine import open_warehouse
    from dagster_project.resolution.fuzzy_matching import find_pairs, read_model
    from dagster_project.transformation import FUZZY_MATCHING_MODEL

    started = time.perf_counter()
    with open_warehouse(home / "warehouse.duckdb") as connection:
        connection.con.execute(f"set memory_limit = '{building.MEMORY_LIMIT}'")
        connection.con.execute("set threads = 2")
        pairs = find_pairs(connection, read_model(FUZZY_MATCHING_MODEL))
    return {"seconds": time.perf_counter() - started, "pairs": pairs}


def rebuild(home: Path) -> Mapping[str, Any]:
    """Make the stage anew, with the ids that are there."""
    return resolve(home, "--full-refresh")


def build_counterpart(home: Path) -> Mapping[str, Any]:
    """Make the counterpart of what splink does from nothing."""
    return building.build(home, "--full-refresh", "--select", COUNTERPART)


def link_with_splink(home: Path) -> Mapping[str, Any]:
    """Let splink link and cluster the same records by the same identifiers."""
    import logging

    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute(f"set memory_limit = '{building.MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = '{home / 'spill'}'")
        # As many as dbt's profile gives to the models.
        connection.execute("set threads = 2")
        rows = connection.sql("select kind from warehouse.identity.identity_rules").fetchall()
        kinds = [kind for (kind,) in rows]
        columns = ", ".join(
            f"any_value(value) filter (kind = '{kind}') as {kind}" for kind in kinds
        )
        connection.execute(
            f"""
            create table records as
            select records.record_id as unique_id, {columns}
            from warehouse.conformed.customer_records as records
            left join warehouse.identity.identifiers as identifiers
                on records.record_id = identifiers.record_id and identifiers.is_usable
            group by records.record_id
            """
        )
        started = time.perf_counter()
        blocking = SettingsCreator(
            link_type="dedupe_only",
            blocking_rules_to_generate_predictions=[block_on(kind) for kind in kinds],
        )
        records = DuckDBAPI(connection=connection).register("records")
        linker = Linker(records, blocking, log_level=logging.WARNING)
        pairs = linker.inference.deterministic_link()
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs)
        seconds = time.perf_counter() - started
        found, ours, size = connection.sql(
            f"""
            select
                (select count(distinct cluster_id) from {clusters.physical_name}),
                (select count(distinct component_number)
                    from warehouse.identity.identity_components),
                (select count(*) from records)
            """
        ).fetchall()[0]
    if found != ours:
        raise RuntimeError(f"splink finds {found:,} clusters, and the stage {ours:,} components")
    return {"seconds": seconds, "records": size, "components": found}


def part(name: str, *arguments: Any) -> dict[str, Any]:
    """Run a part of this module as a process of its own."""
    return measuring.measured("tests.benchmarks.identity", name, *arguments)


def measure(home: Path, records: int) -> None:
    """Measure one size and print it."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "warehouse.duckdb").exists():
        part("make", home, records)
        part("load", home)
    part("build", home, "+contact_statements", "+consents")
    part("hold_back", home)
    stage = part("resolve", home)
    part("bring_back", home)
    day = part("resolve", home)
    anew = sum(part("rebuild", home)["models"].values())
    counterpart = part("build_counterpart", home)["models"][COUNTERPART]
    splink = part("link_with_splink", home)
    size, models = splink["records"], stage["models"]
    whole, of_a_day = sum(models.values()), sum(day["models"].values())
    print(f"{size:,} records, {splink['components']:,} components")
    for title, seconds, rows, peak in (
        (
            "the stage, with starting dbt twice",
            stage["seconds"],
            size,
            f"{stage['peak_gib']:6.2f} GiB",
        ),
        ("its models, added up", whole, size, ""),
        (COUNTERPART, counterpart, size, ""),
        (
            "splink, linking and clustering",
            splink["seconds"],
            size,
            f"{splink['peak_gib']:6.2f} GiB",
        ),
        ("the stage anew, models added up", anew, size, ""),
        ("a day's records, models added up", of_a_day, size * RECORDS_OF_A_DAY, ""),
    ):
        print(f"  {title:<40}{seconds:8.1f} s {rows / seconds:12,.0f} records/s {peak}")
    print(
        f"  the counterpart took {counterpart / splink['seconds']:.2f} of splink's time, the "
        f"whole stage {whole / splink['seconds']:.2f}; the day took {of_a_day / whole:.2f} of the "
        f"stage's, {of_a_day / anew:.2f} of that of the stage anew"
    )
    for title, times in (("stage", models), ("day", day["models"])):
        dearest = sorted(times.items(), key=lambda model: -model[1])
        print(f"  {title}: " + ", ".join(f"{name} {took:.1f} s" for name, took in dearest[:8]))


def hold_back(home: Path) -> Mapping[str, Any]:
    """Put a day's records aside, and forget all about who is who."""
    import duckdb

    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            f"""
            create or replace table conformed.records_of_a_day as
            from conformed.customer_records
            where hash(record_id) % 10000 < {10000 * RECORDS_OF_A_DAY:.0f};
            delete from conformed.customer_records
            where record_id in (select record_id from conformed.records_of_a_day)
            """
        )
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'identity'"
        ).fetchall()
        for (name,) in names:
            connection.execute(f"drop table identity.{name}")
    return {}


def bring_back(home: Path) -> Mapping[str, Any]:
    """Let the day's records arrive."""
    import duckdb

    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("insert into conformed.customer_records from conformed.records_of_a_day")
    return {}


def main() -> None:
    """Measure the sizes, the smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=SIZES,
        help="how many records, roughly (default: %(default)s; 10000000 takes forty minutes)",
    )
    parser.add_argument("--home", type=Path, help="keep the data in this folder, and take it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segmentation-benchmark-") as folder:
        for records in sorted(options.sizes):
            measure((options.home or Path(folder)) / str(records), records)


if __name__ == "__main__":
    main()
