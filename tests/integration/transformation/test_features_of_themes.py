"""What a theme declares is in profile_features, and its days are judged when they are built."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from dagster_project.engine import open_warehouse
from dagster_project.transformation import declared_columns
from tests.integration.conftest import UNTIL, Deployment
from tests.integration.project_copy import ProjectCopy

_COMPILED = "dbt/compiled/customer_segmentation/models/features/profile_features.sql"
_FIRST_COLUMN = "      - name: days_since_last_session\n"
_ADDED_COLUMN = """      - name: {name}
        data_type: decimal(18, 2)
        description: "A feature that was added."
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return ProjectCopy.lay_out(tmp_path_factory.mktemp("themes"), "create schema features")


def _compile_with(project: ProjectCopy, name: str) -> tuple[bool, str]:
    """Declare one more column in a theme's properties, and let dbt compile profile_features."""
    properties = project.project / "models/features/_features__models.yml"
    declared = properties.read_text()
    assert declared.count(_FIRST_COLUMN) == 1
    added = _ADDED_COLUMN.format(name=name)
    properties.write_text(declared.replace(_FIRST_COLUMN, added + _FIRST_COLUMN))
    try:
        return project.dbt("compile", "--select", "profile_features")
    finally:
        properties.write_text(declared)


def test_a_column_that_a_theme_declares_is_selected_in_its_type(project: ProjectCopy):
    succeeded, output = _compile_with(project, "sunny_days")
    assert succeeded, output
    compiled = (project.home.root / _COMPILED).read_text()
    assert "cast(engagement_features.sunny_days as decimal(18, 2)) as sunny_days" in compiled


def test_a_name_that_two_themes_give_is_refused(project: ProjectCopy):
    succeeded, output = _compile_with(project, "order_count_30d")
    assert not succeeded
    assert (
        "The column order_count_30d is declared by two themes, purchase_features and "
        "engagement_features"
    ) in output
    assert "Rename it in models/features/engagement_features.sql" in output


def test_a_theme_that_profile_features_leaves_out_is_refused(project: ProjectCopy):
    theme = project.project / "models/features/weather_features.sql"
    theme.write_text("select profile_id, current_date as as_of from {{ ref('profiles') }}")
    try:
        succeeded, output = project.dbt("compile", "--select", "profile_features")
    finally:
        theme.unlink()
    assert not succeeded
    assert (
        "models/features/weather_features.sql is a theme that profile_features does not name: "
        "add 'weather_features' to the themes in models/features/profile_features.sql"
    ) in output


def test_a_theme_without_a_contract_is_refused(project: ProjectCopy):
    theme = project.project / "models/features/rfm_features.sql"
    written = theme.read_text()
    theme.write_text("{{ config(contract={'enforced': false}) }}\n" + written)
    try:
        succeeded, output = project.dbt("compile", "--select", "profile_features")
    finally:
        theme.write_text(written)
    assert not succeeded
    assert (
        "models/features/rfm_features.sql: a theme of features is under contract, and this one is "
        "not. Take `contract` out of its config; the folder's is enforced."
    ) in output


@pytest.mark.parametrize("bins", [2, "five"])
def test_a_number_of_scores_that_is_none_is_refused(project: ProjectCopy, bins: object):
    variables = json.dumps({"rfm_bins": bins})
    succeeded, output = project.dbt("compile", "--select", "rfm_features", "--vars", variables)
    assert not succeeded
    assert (
        f"The variable rfm_bins is {json.dumps(bins)}. Write a whole number of 3 or more into "
        "dbt_project.yml"
    ) in output


@pytest.mark.xdist_group("deployment")
def test_the_table_has_the_declared_columns_in_their_order_and_types(deployment: Deployment):
    manifest = json.loads((deployment.home.dbt / "manifest.json").read_text())
    wide = manifest["nodes"]["model.customer_segmentation.profile_features"]
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        built = connection.con.sql("from features.profile_features")
        declared = {
            name: connection.con.sql(f"select cast(null as {column['data_type']})").types[0]
            for name, column in declared_columns(manifest, wide).items()
        }
        assert list(zip(built.columns, built.types, strict=True)) == list(declared.items())


@pytest.mark.xdist_group("deployment")
def test_the_ui_shows_the_columns_of_the_themes_as_those_of_profile_features(
    deployment: Deployment,
):
    graph = deployment.definitions.resolve_asset_graph()
    key = next(key for key in graph.get_all_asset_keys() if key.path[-1] == "profile_features")
    columns = graph.get(key).metadata["dagster/column_schema"].columns
    names = [column.name for column in columns]
    assert [names[0], names[-1]] == ["profile_id", "as_of"]
    assert {"order_count_30d", "points_balance", "age_years"} <= set(names)
    assert all(column.description and column.type for column in columns)


@pytest.mark.xdist_group("deployment")
def test_nobody_leaves_all_segments_because_a_theme_was_not_built(
    deployment: Deployment, tmp_path: Path
):
    project = ProjectCopy.lay_out(tmp_path, "select 1")
    shutil.copy(deployment.home.warehouse, project.home.warehouse)
    project.execute(
        f"""
        delete from features.loyalty_features
        where profile_id = (select min(profile_id) from features.loyalty_features)
            and as_of = '{UNTIL}'
        """
    )
    day = ("--event-time-start", str(UNTIL), "--event-time-end", str(UNTIL + timedelta(days=1)))
    succeeded, output = project.dbt("run", "--select", "profile_features", *day)
    assert not succeeded
    assert (
        "loyalty_features does not know everybody who is known on the day. Build it for the day, "
        "with profile_features."
    ) in output


@pytest.mark.parametrize("range_of_days", [True, False])
def test_only_the_days_of_the_run_are_judged_by_the_release_that_runs(
    project: ProjectCopy, range_of_days: bool
):
    project.execute(
        """
        create or replace table features.rfm_features as
        from (values
            ('p', 'named_by_an_earlier_release', date '2024-06-29'),
            ('p', 'champions', date '2024-06-30')
        ) as days (profile_id, rfm_group, as_of)
        """
    )
    days = ("--event-time-start", "2024-06-30", "--event-time-end", "2024-07-01")
    arguments = ("build", "--select", "rfm_features,test_type:generic")
    arguments += days if range_of_days else ()
    succeeded, output = project.dbt(*arguments)
    assert succeeded, output
    project.execute("update features.rfm_features set rfm_group = 'unheard_of'")
    succeeded, output = project.dbt(*arguments)
    assert not succeeded
    assert "accepted_values_rfm_features_rfm_group" in output
