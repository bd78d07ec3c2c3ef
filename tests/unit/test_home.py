"""Where everything of a deployment lives."""

from pathlib import Path

import pytest

from dagster_project.home import Home


def test_the_home_is_data_below_the_working_directory_unless_it_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv("SEGMENTATION_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment().root == tmp_path / "data"


def test_an_empty_setting_counts_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SEGMENTATION_HOME", "")
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment().root == tmp_path / "data"


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SEGMENTATION_HOME", "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment().warehouse == tmp_path / "elsewhere" / "warehouse.duckdb"
