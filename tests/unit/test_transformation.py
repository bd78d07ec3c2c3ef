"""What this code location reads of the dbt project."""

import os
from pathlib import Path

import pytest

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


class TestPreparingTheManifest:
    """When dbt is asked to parse the project."""

    @pytest.fixture
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A dbt project with one model, in place of ours."""
        folder = tmp_path / "dbt_project"
        (folder / "models").mkdir(parents=True)
        (folder / "models" / "one.sql").write_text("select 1 as one")
        (folder / "dbt_project.yml").write_text("name: small\nprofile: small\n")
        (folder / "profiles.yml").write_text(
            "small: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}"
        )
        monkeypatch.setattr(transformation, "PROJECT_FOLDER", folder)
        return folder

    @pytest.mark.usefixtures("project")
    def test_a_fresh_clone_gets_its_manifest(self, tmp_path: Path):
        prepared = transformation.dbt_project(Home(tmp_path / "home"))
        assert list(transformation.read_manifest(prepared)["nodes"]) == ["model.small.one"]

    def test_a_changed_project_is_parsed_again_and_an_unchanged_one_is_not(
        self, project: Path, tmp_path: Path
    ):
        manifest = transformation.dbt_project(Home(tmp_path / "home")).manifest_path
        parsed_at = manifest.stat().st_mtime_ns
        transformation.dbt_project(Home(tmp_path / "home"))
        assert manifest.stat().st_mtime_ns == parsed_at
        model = project / "models" / "two.sql"
        model.write_text("select 2 as two")
        later = parsed_at + 10**9
        os.utime(model, ns=(later, later))
        prepared = transformation.dbt_project(Home(tmp_path / "home"))
        assert "model.small.two" in transformation.read_manifest(prepared)["nodes"]
