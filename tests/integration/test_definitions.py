"""The code location: it loads anywhere, and all that it shows follows the conventions."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.automation.jobs import STAGES
from tests.integration.conftest import FIRST_DAY

pytestmark = pytest.mark.xdist_group("deployment")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def assets(deployment) -> list[dg.AssetSpec]:
    graph = deployment.definitions.resolve_asset_graph()
    return [graph.get(key).to_asset_spec() for key in graph.materializable_asset_keys]


def test_importing_the_code_location_touches_no_file(tmp_path: Path):
    subprocess.run(
        [sys.executable, "-c", "import dagster_project.definitions"],
        env={"SEGMENTATION_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=True,
    )
    assert list(tmp_path.iterdir()) == []


def test_an_asset_is_named_by_schema_and_table_and_grouped_by_its_schema(assets):
    assert [asset.key for asset in assets if len(asset.key.path) != 2] == []
    assert [asset.key for asset in assets if asset.group_name != asset.key.path[0]] == []


def test_every_stage_is_there_and_no_other_group(assets):
    assert {asset.group_name for asset in assets} == set(STAGES)


def test_every_asset_has_an_owner_a_kind_and_a_description(assets):
    bare = [
        asset.key for asset in assets if not (asset.owners and asset.kinds and asset.description)
    ]
    assert bare == []


def test_a_range_of_days_is_one_run_for_every_partitioned_asset(deployment):
    graph = deployment.definitions.resolve_asset_graph()
    split = [
        key
        for key in graph.materializable_asset_keys
        if graph.get(key).partitions_def
        and graph.get(key).backfill_policy != dg.BackfillPolicy.single_run()
    ]
    assert split == []


def test_the_daily_job_covers_every_asset(deployment, assets):
    job = deployment.definitions.resolve_job_def("daily")
    assert set(job.asset_layer.executable_asset_keys) == {asset.key for asset in assets}


def test_a_daily_run_starts_dbt_three_times(deployment):
    job = deployment.definitions.resolve_job_def("daily")
    steps = {
        job.asset_layer.get(key).assets_def.op.name
        for key in job.asset_layer.executable_asset_keys
        if "dbt" in job.asset_layer.get(key).to_asset_spec().kinds
    }
    assert steps == {"staging_to_matching", "identity_to_profiles", "features_to_segments"}


def test_the_partitions_begin_with_the_first_day_that_the_deployment_settles(deployment):
    graph = deployment.definitions.resolve_asset_graph()
    partitioned = [graph.get(key).partitions_def for key in graph.materializable_asset_keys]
    begins = {one.get_first_partition_key() for one in partitioned if one}
    assert begins == {FIRST_DAY.isoformat()}


@pytest.mark.parametrize(
    "check",
    [
        "every_cluster_is_connected_by_its_edges",
        "every_record_is_in_one_component",
        "no_cluster_is_over_a_limit",
        "every_profile_has_a_cluster_of_its_own",
    ],
)
def test_the_invariants_of_identity_are_asset_checks(deployment, check: str):
    graph = deployment.definitions.resolve_asset_graph()
    assert check in {key.name for key in graph.asset_check_keys}


def test_arrows_point_down_the_stages_only(assets):
    position = {stage: number for number, stage in enumerate(STAGES)}
    upwards = [
        (dep.asset_key, asset.key)
        for asset in assets
        for dep in asset.deps
        if position[dep.asset_key.path[0]] > position[asset.key.path[0]]
    ]
    assert upwards == []
