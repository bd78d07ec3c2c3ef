"""What this code location reads of the dbt project."""

import os
import subprocess
from pathlib import Path

import pytest
from dagster_dbt import DbtProject

from dagster_project import transformation
from dagster_project.home import Home


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
    def preparations(self, monkeypatch: pytest.MonkeyPatch) -> list[DbtProject]:
        """The projects that dbt was asked to parse; what it leaves is an empty manifest."""
        prepared: list[DbtProject] = []

        def parse(project: DbtProject) -> None:
            prepared.append(project)
            project.manifest_path.touch()

        monkeypatch.setattr(transformation, "parse", parse)
        return prepared

    @pytest.mark.usefixtures("project")
    def test_a_fresh_clone_gets_its_manifest(self, preparations: list, tmp_path: Path):
        transformation.dbt_project(Home(tmp_path / "home"))
        assert len(preparations) == 1

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

    def test_a_model_that_was_taken_away_is_noticed(
        self, project: Path, preparations: list, tmp_path: Path
    ):
        manifest = transformation.dbt_project(Home(tmp_path / "home")).manifest_path
        later = manifest.stat().st_mtime_ns + 10**9
        (project / "models" / "one.sql").unlink()
        os.utime(project / "models", ns=(later, later))
        transformation.dbt_project(Home(tmp_path / "home"))
        assert len(preparations) == 2
