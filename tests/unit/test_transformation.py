"""What this code location reads of the dbt project."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
from dagster_dbt import DbtCliResource, DbtProject

from dagster_project import transformation
from dagster_project.home import Home
from dagster_project.resolution.truth import TruthError
from dagster_project.settings import Settings, write_settings


def _model(name: str, schema: str, **columns: list[str]):
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": schema,
        "columns": {column: {"config": {"tags": tags}} for column, tags in columns.items()},
    }


MANIFEST = {
    "nodes": {
        "model.champions": _model("champions", "segments", profile_id=[]),
        "model.athletes": _model("athletes", "segments", profile_id=[]),
        "model.profiles": _model("profiles", "profiles", profile_id=[], email=["pii"], tier=["x"]),
        "test.athletes": {"resource_type": "test", "schema": "segments", "alias": "not_null"},
    }
}


def test_segments_are_the_models_of_their_stage():
    assert transformation.segment_names(MANIFEST) == ["athletes", "champions"]


def test_columns_tagged_as_personal_are_left_out():
    columns = transformation.columns_without_personal_data(MANIFEST, "profiles")
    assert columns == ["profile_id", "tier"]


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="no model 'people'"):
        transformation.columns_without_personal_data(MANIFEST, "people")


def test_a_model_with_the_columns_of_its_schema_has_them_between_its_own():
    wide = {
        **_model("wide", "features", profile_id=[], as_of=[]),
        "config": {"meta": {"has_columns_of_its_schema": True}},
        "depends_on": {"nodes": ["model.profiles", "model.first", "model.second"]},
    }
    profiles = _model("profiles", "profiles", profile_id=[], first_name=["pii"])
    first = _model("first", "features", profile_id=[], age_years=[], as_of=[])
    second = _model("second", "features", profile_id=[], order_count=[], as_of=[])
    models = {"profiles": profiles, "wide": wide, "first": first, "second": second}
    manifest = {"nodes": {f"model.{name}": model for name, model in models.items()}}
    columns = transformation.declared_columns(manifest, wide)
    assert list(columns) == ["profile_id", "age_years", "order_count", "as_of"]
    assert list(transformation.declared_columns(manifest, first)) == list(first["columns"])


def test_what_a_model_declares_as_plotted_is_found_under_its_table():
    scores = _model("scores", "identity")
    scores["config"] = {"meta": {"plotted": {"columns": ["recall"], "by": ["scope"]}}}
    champions = {**_model("champions", "segments"), "config": {}}
    manifest = {"nodes": {"model.scores": scores, "model.champions": champions}}
    assert transformation.plots(manifest) == {
        ("identity", "scores"): transformation.Plot(columns=["recall"], by=["scope"])
    }


def test_dbt_is_told_of_a_truth_that_the_settings_name_and_of_nothing_else(tmp_path: Path):
    home = Home(tmp_path)
    without_settings = transformation.settled_variables(home)
    write_settings(home, Settings(identity_truth="people.parquet"))
    columns = "'x' as source, 'x' as source_record_id, 'x' as person_id"
    duckdb.sql(f"select {columns}").write_parquet(str(tmp_path / "people.parquet"))

    assert without_settings == {}
    assert transformation.settled_variables(home) == {
        "identity_truth": str(tmp_path / "people.parquet")
    }


def test_the_project_is_parsed_with_the_variables_that_runs_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started: list[str] = []

    class Started:
        def wait(self) -> None:
            """It is over at once."""

    def cli(_: DbtCliResource, arguments: list[str], target_path: Path) -> Started:
        started.extend((*arguments, str(target_path)))
        return Started()

    monkeypatch.setattr(DbtCliResource, "cli", cli)
    project = DbtProject(transformation.PROJECT_FOLDER, target_path=tmp_path)
    transformation.parse(project, {"predicts_value": True})
    assert started == ["parse", "--quiet", "--vars", '{"predicts_value": true}', str(tmp_path)]


def test_dbt_is_told_to_predict_values_where_the_settings_say_so(tmp_path: Path):
    write_settings(Home(tmp_path), Settings(value_prediction=True))
    assert transformation.settled_variables(Home(tmp_path)) == {"predicts_value": True}


def test_a_truth_that_is_not_there_is_named_before_dbt_builds(tmp_path: Path):
    write_settings(Home(tmp_path), Settings(identity_truth="people.parquet"))
    with pytest.raises(TruthError, match="There is no file"):
        transformation.checked_variables(Home(tmp_path))


def test_dbt_is_found_without_an_activated_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    project = DbtProject(transformation.PROJECT_FOLDER, target_path=tmp_path)
    found = transformation.dbt_command_line(project).dbt_executable
    assert "Core" in subprocess.check_output([found, "--version"], text=True)


class TestPreparingTheManifest:
    """When dbt is asked to parse the project. That it can, every deployment in tests shows."""

    @pytest.fixture
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A dbt project with one model, in place of ours."""
        folder = tmp_path / "dbt_project"
        (folder / "models").mkdir(parents=True)
        (folder / "target").mkdir()
        (folder / "models" / "one.sql").touch()
        (folder / "dbt_project.yml").write_text("name: small\nprofile: small\n")
        (folder / "profiles.yml").write_text("small: {}\n")
        monkeypatch.setattr(transformation, "PROJECT_FOLDER", folder)
        return folder

    @pytest.fixture
    def preparations(self, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str | bool]]:
        """With which variables dbt was asked to parse; what it leaves is an empty manifest."""
        prepared: list[Mapping[str, str | bool]] = []

        def parse(project: DbtProject, variables: Mapping[str, str | bool]) -> None:
            prepared.append(variables)
            project.manifest_path.write_text("{}")

        monkeypatch.setattr(transformation, "parse", parse)
        return prepared

    @pytest.mark.usefixtures("project")
    def test_a_fresh_clone_gets_its_manifest(self, preparations: list, tmp_path: Path):
        transformation.dbt_project(Home(tmp_path / "home"))
        assert preparations == [{}]

    @pytest.mark.usefixtures("project")
    def test_it_is_made_with_the_variables_that_runs_have(self, preparations: list, tmp_path: Path):
        home = Home(tmp_path)
        write_settings(home, Settings(value_prediction=True))
        transformation.dbt_project(home)
        assert preparations == [transformation.checked_variables(home)]

    @pytest.mark.usefixtures("project")
    def test_an_unchanged_project_is_not_parsed_again(self, preparations: list, tmp_path: Path):
        for _ in range(2):
            transformation.dbt_project(Home(tmp_path / "home"))
        assert len(preparations) == 1

    @pytest.mark.parametrize(
        ("changed", "parsed"), [("models/two.sql", 2), ("profiles.yml", 2), ("target/left", 1)]
    )
    def test_a_change_of_what_dbt_reads_is_parsed(
        self, changed: str, parsed: int, project: Path, preparations: list, tmp_path: Path
    ):
        manifest = transformation.dbt_project(Home(tmp_path / "home")).manifest_path
        later = manifest.stat().st_mtime_ns + 10**9
        (project / changed).touch()
        os.utime(project / changed, ns=(later, later))
        transformation.dbt_project(Home(tmp_path / "home"))
        assert len(preparations) == parsed

    @pytest.mark.usefixtures("project")
    def test_settings_that_have_changed_are_parsed_with(self, preparations: list, tmp_path: Path):
        home = Home(tmp_path)
        manifest = transformation.dbt_project(home).manifest_path
        later = manifest.stat().st_mtime_ns + 10**9
        write_settings(home, Settings(value_prediction=True))
        os.utime(home.settings, ns=(later, later))
        transformation.dbt_project(home)
        assert preparations == [{}, transformation.checked_variables(home)]

    def test_a_model_that_was_taken_away_is_noticed(
        self, project: Path, preparations: list, tmp_path: Path
    ):
        manifest = transformation.dbt_project(Home(tmp_path / "home")).manifest_path
        later = manifest.stat().st_mtime_ns + 10**9
        (project / "models" / "one.sql").unlink()
        os.utime(project / "models", ns=(later, later))
        transformation.dbt_project(Home(tmp_path / "home"))
        assert len(preparations) == 2
