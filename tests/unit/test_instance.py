"""The Dagster instance of a deployment."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy

from dagster_project.home import Home
from dagster_project.instance import prepare_instance


def test_a_new_instance_lets_one_run_at_a_time_hold_the_warehouse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_instance(Home(tmp_path))))
    with dg.DagsterInstance.get() as instance:
        pools = instance.get_concurrency_config().pool_config
    assert pools.default_pool_limit == 1
    assert pools.pool_granularity is not None
    assert pools.pool_granularity.value == "run"


def test_settings_that_are_there_are_left_alone(tmp_path: Path):
    settings = prepare_instance(Home(tmp_path)) / "dagster.yaml"
    settings.write_text("# ours\n")
    prepare_instance(Home(tmp_path))
    assert settings.read_text() == "# ours\n"


def test_more_days_in_a_run_do_not_open_the_index_of_the_event_log_more_often(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_instance(Home(tmp_path))))
    opened: list[str] = []

    def note(dbapi_connection: sqlite3.Connection, _: object) -> None:
        files = dbapi_connection.execute("pragma database_list").fetchall()
        opened.extend(file for _, _, file in files if file.endswith("index.db"))

    sqlalchemy.event.listen(sqlalchemy.Pool, "connect", note)
    try:
        with dg.DagsterInstance.get() as instance:
            _materialize_days(instance, "2026-01-01", "2026-01-02")
            opened_for_two_days = len(opened)
            _materialize_days(instance, "2026-01-01", "2026-01-09")
            opened_for_nine_days = len(opened) - opened_for_two_days
            done = instance.get_materialized_partitions(dg.AssetKey("counted"))
    finally:
        sqlalchemy.event.remove(sqlalchemy.Pool, "connect", note)
    assert 0 < opened_for_nine_days <= opened_for_two_days
    assert done == {f"2026-01-0{day}" for day in range(1, 10)}


def test_an_instance_of_dagsters_own_storage_is_read_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    folder = prepare_instance(Home(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    ours = (folder / "dagster.yaml").read_text()
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with dg.DagsterInstance.get() as instance:
        _materialize_days(instance, "2026-01-01", "2026-01-02")
    (folder / "dagster.yaml").write_text(ours)
    with dg.DagsterInstance.get() as instance:
        done = instance.get_materialized_partitions(dg.AssetKey("counted"))
    assert done == {"2026-01-01", "2026-01-02"}


def _materialize_days(instance: dg.DagsterInstance, first_day: str, last_day: str) -> None:
    @dg.asset(
        partitions_def=dg.DailyPartitionsDefinition("2026-01-01"),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def counted() -> None: ...

    definitions = dg.Definitions(assets=[counted], jobs=[dg.define_asset_job("count", [counted])])
    definitions.resolve_job_def("count").execute_in_process(
        instance=instance,
        tags={
            "dagster/asset_partition_range_start": first_day,
            "dagster/asset_partition_range_end": last_day,
        },
    )
