"""A source declared in YAML, seen from Dagster: its asset, its check, what a failure looks like."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from dagster_project.components.file_source import FileSource
from dagster_project.home import Home
from dagster_project.resources import LandingStorage, Warehouse
from dagster_project.settings import Settings, write_settings

DECLARATION = """
source: shop
description: A shop.
tables:
  - name: customers
    description: Its customers.
    path: shop/customers/{landed_on}.csv*
    format: csv
    key: [customer_id]
    columns:
      customer_id: {semantic_type: identifier, description: The customer.}
      email: {semantic_type: email}
      age: {type: integer}
    expectations:
      - type: expect_column_values_to_be_between
        kwargs: {column: age, min_value: 0}
"""
KEY = dg.AssetKey(["raw", "shop__customers"])


@pytest.fixture
def asset() -> dg.AssetsDefinition:
    source: FileSource = FileSource.resolve_from_yaml(DECLARATION)
    return source.asset_of(source.tables[0])


def land(root: Path, day: str, content: str) -> None:
    path = root / "landing/shop/customers" / f"{day}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def run(asset: dg.AssetsDefinition, root: Path, **options: Any) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [asset],
        resources={
            "warehouse": Warehouse(path=str(root / "warehouse.duckdb")),
            "landing": LandingStorage(root=str(root / "landing")),
        },
        raise_on_error=False,
        **options,
    )


def landed_in_raw(root: Path) -> list[str]:
    with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as connection:
        days = connection.sql("select _landed_on from raw.shop__customers order by all").fetchall()
    return [day.isoformat() for (day,) in days]


def in_range(first: str, last: str) -> dict[str, Any]:
    return {
        "partition_key": None,
        "tags": {
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
    }


def test_the_asset_shows_what_its_declaration_says(asset: dg.AssetsDefinition) -> None:
    spec = asset.specs_by_key[KEY]
    columns = {column.name: column for column in spec.metadata["dagster/column_schema"].columns}

    assert spec.group_name == "raw"
    assert spec.kinds == {"duckdb", "csv"}
    assert spec.owners == ["team:data-engineering"]
    assert asset.backfill_policy == dg.BackfillPolicy.single_run()
    assert columns["email"].tags == {"semantic_type": "email", "pii": "true"}
    assert not columns["customer_id"].constraints.nullable
    assert "_source_row" in columns


def test_a_range_of_days_is_one_run_whose_check_counts_what_broke(
    asset: dg.AssetsDefinition, tmp_path: Path
) -> None:
    land(tmp_path, "2026-01-01", "customer_id,email,age,note\n1,ann@example.com,-1,x\n2,foo@,3,x\n")
    land(tmp_path, "2026-01-02", "customer_id,email,age\n3,,\n")

    result = run(asset, tmp_path, **in_range("2026-01-01", "2026-01-03"))

    (check,) = result.get_asset_check_evaluations()
    (materialization, *_) = result.asset_materializations_for_node("raw__shop__customers")
    shown = " ".join(str(value.value) for value in check.metadata.values())
    assert result.success
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "1 of 3 rows are in raw.rejected_rows" in str(check.description)
    assert check.metadata["unknown_columns"].value == "note"
    assert "| column age breaks" in shown
    assert "expect_column_values_to_match_regex" in shown
    assert materialization.metadata["dagster/row_count"].value == 2
    assert "@example" not in shown
    assert "foo@" not in shown


def test_what_landed_before_the_first_day_of_the_deployment_belongs_to_that_day(
    tmp_path: Path,
) -> None:
    write_settings(Home.from_environment(), Settings(first_day=date(2026, 1, 2)))
    for number, day in enumerate(("2023-05-06", "2026-01-01", "2026-01-02", "2026-01-03"), 1):
        land(tmp_path, day, f"customer_id,email,age\n{number},,\n")
    source: FileSource = FileSource.resolve_from_yaml(DECLARATION)
    asset = source.asset_of(source.tables[0])

    assert run(asset, tmp_path, **in_range("2026-01-03", "2026-01-04")).success
    later_days_alone = landed_in_raw(tmp_path)
    assert run(asset, tmp_path, partition_key="2026-01-02").success

    assert later_days_alone == ["2026-01-03"]
    assert landed_in_raw(tmp_path) == ["2023-05-06", "2026-01-01", "2026-01-02", "2026-01-03"]


def test_a_range_from_the_first_day_takes_in_what_landed_before(tmp_path: Path) -> None:
    write_settings(Home.from_environment(), Settings(first_day=date(2026, 1, 2)))
    for number, day in enumerate(("2023-05-06", "2026-01-02", "2026-01-03"), 1):
        land(tmp_path, day, f"customer_id,email,age\n{number},,\n")
    source: FileSource = FileSource.resolve_from_yaml(DECLARATION)

    result = run(
        source.asset_of(source.tables[0]), tmp_path, **in_range("2026-01-02", "2026-01-03")
    )

    assert result.success
    assert landed_in_raw(tmp_path) == ["2023-05-06", "2026-01-02", "2026-01-03"]


def test_a_rerun_after_landing_was_archived_says_which_days_it_kept(
    asset: dg.AssetsDefinition, tmp_path: Path
) -> None:
    land(tmp_path, "2026-01-01", "customer_id,email,age\n1,ann@example.com,1\n")
    run(asset, tmp_path, partition_key="2026-01-01")
    (tmp_path / "landing/shop/customers/2026-01-01.csv").unlink()

    result = run(asset, tmp_path, partition_key="2026-01-01")

    (check,) = result.get_asset_check_evaluations()
    (materialization, *_) = result.asset_materializations_for_node("raw__shop__customers")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.description == "1 days keep their rows, though their files are gone"
    assert materialization.metadata["kept_days"].value == "2026-01-01"
    assert materialization.metadata["dagster/row_count"].value == 1


def test_the_check_counts_the_values_that_were_replaced(tmp_path: Path) -> None:
    declaration = DECLARATION.replace("{type: integer}", "{type: integer, unreadable_as: 0}")
    source: FileSource = FileSource.resolve_from_yaml(declaration)
    land(tmp_path, "2026-01-01", "customer_id,email,age\n1,,old\n2,,7\n")

    result = run(source.asset_of(source.tables[0]), tmp_path, partition_key="2026-01-01")

    (check,) = result.get_asset_check_evaluations()
    assert check.description == (
        "1 values replaced: column age is no whole number, and was taken as 0"
    )
    assert "| 1 |" in str(check.metadata["replaced_by_rule"].value)
    assert not check.passed


def test_the_check_names_the_earlier_days_that_were_never_loaded(
    asset: dg.AssetsDefinition, tmp_path: Path
) -> None:
    for day in ("2025-12-31", "2026-01-02", "2026-01-03"):
        land(tmp_path, day, "customer_id,email,age\n1,ann@example.com,1\n")

    result = run(asset, tmp_path, partition_key="2026-01-03")

    (check,) = result.get_asset_check_evaluations()
    assert result.success
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.description == (
        "files of 2 earlier days were never loaded (2025-12-31, 2026-01-02): materialise those "
        "days of this asset; what landed before the first partition belongs to that one"
    )
    assert check.metadata["missed_days"].value == "2025-12-31, 2026-01-02"


def test_good_rows_pass_the_check(asset: dg.AssetsDefinition, tmp_path: Path) -> None:
    land(tmp_path, "2026-01-01", "customer_id,email,age\n1,ann@example.com,1\n")

    result = run(asset, tmp_path, partition_key="2026-01-01")

    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]


def test_a_table_that_cannot_be_loaded_fails_with_its_check_and_keeps_its_rows(
    asset: dg.AssetsDefinition, tmp_path: Path
) -> None:
    land(tmp_path, "2026-01-01", "customer_id,email,age\n1,ann@example.com,1\n")
    run(asset, tmp_path, partition_key="2026-01-01")
    land(tmp_path, "2026-01-01", "customer_id;email;age\n1;ann@example.com;1\n")

    result = run(asset, tmp_path, partition_key="2026-01-01")

    (check,) = result.get_asset_check_evaluations()
    (failure,) = result.get_step_failure_events()
    user_failure = failure.step_failure_data.user_failure_data
    assert user_failure is not None
    message = str(user_failure.description)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as warehouse:
        held = warehouse.execute("select customer_id from raw.shop__customers").fetchall()
    assert not result.success
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "landing/shop/customers/2026-01-01.csv: the columns are missing" in message
    assert "delimited by ';'" in message
    assert held == [("1",)]


def test_a_misspelt_declaration_is_refused() -> None:
    with pytest.raises(Exception, match="semantic_typ"):
        FileSource.resolve_from_yaml(DECLARATION.replace("semantic_type", "semantic_typ"))
