"""A segment that is added: one SQL file and its entry, and everything else follows."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_dbt import dbt_assets

from dagster_project.defs.metrics.assets import build_metrics
from dagster_project.measurement.tables import metric_names
from dagster_project.segments.declarations import consent_purposes, read_segments
from dagster_project.transformation import Translator
from tests.integration.project_copy import ProjectCopy

pytestmark = pytest.mark.xdist_group("new_segment")

_SQL = """-- Grain: profile_id, as_of. People in Rome.
select
    profile_id,
    as_of
from {{ ref('profile_features') }}
where city = 'Rome'
"""
_ENTRY = """
  - name: romans
    description: "People in Rome. Grain: profile_id, as_of."
    config:
      meta:
        owner: marketing
        kind: dynamic
        goal: {metric: sales, at_least: 1000, by: 2027-12-31, aim: "Open a shop there."}
        review_on: 2027-06-30
        minimum_days: 7
    data_tests: *members_are_unique_and_known
    columns: *profile_and_day
"""
_ROMANS = dg.AssetKey(["segments", "romans"])


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    project = ProjectCopy.lay_out(tmp_path_factory.mktemp("new_segment"), "create schema features")
    folder = project.project / "models" / "segments"
    (folder / "romans.sql").write_text(_SQL)
    properties: Path = folder / "_segments__models.yml"
    properties.write_text(properties.read_text() + _ENTRY)
    succeeded, output = project.dbt("parse")
    assert succeeded, output
    read: dict[str, Any] = json.loads((project.home.dbt / "manifest.json").read_text())
    return read


@pytest.fixture(scope="module")
def models(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    @dbt_assets(manifest=manifest, dagster_dbt_translator=Translator())
    def models() -> Iterator[Any]:
        yield from ()

    return models


def test_it_can_ask_for_the_consents_that_people_can_give(manifest: Mapping[str, Any]) -> None:
    assert {"email_marketing", "advertising"} < {*consent_purposes(manifest)}


def test_it_is_an_asset_that_shows_what_is_declared(models: dg.AssetsDefinition) -> None:
    spec = models.specs_by_key[_ROMANS]
    assert spec.group_name == "segments"
    assert spec.description == "People in Rome. Grain: profile_id, as_of."
    assert {dep.asset_key for dep in spec.deps} == {dg.AssetKey(["features", "profile_features"])}
    shown = {
        name: spec.metadata[name] for name in ("owner", "kind", "goal", "review on", "minimum days")
    }
    assert shown == {
        "owner": "marketing",
        "kind": "dynamic",
        "goal": {
            "metric": "sales",
            "at_least": 1000,
            "by": "2027-12-31",
            "aim": "Open a shop there.",
        },
        "review on": "2027-06-30",
        "minimum days": 7,
    }


def test_its_data_tests_are_checks(models: dg.AssetsDefinition) -> None:
    checks = {key.name for key in models.check_keys if key.asset_key == _ROMANS}
    assert checks == {
        "unique_combination_romans_profile_id__as_of",
        "relationship_of_columns_romans_profile_id__as_of__ref_profile_features_",
    }


def test_memberships_wait_for_it_and_know_what_it_declares(manifest: Mapping[str, Any]) -> None:
    segments = read_segments(manifest, metric_names())
    (declared,) = (segment for segment in segments if segment.name == "romans")
    assert declared.minimum_days == 7
    memberships, *_ = build_metrics(segments).assets or []
    assert isinstance(memberships, dg.AssetsDefinition)
    assert _ROMANS in {dep.asset_key for dep in memberships.get_asset_spec().deps}
