"""The Dagster instance of a deployment."""

from pathlib import Path

import dagster as dg
import pytest

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
