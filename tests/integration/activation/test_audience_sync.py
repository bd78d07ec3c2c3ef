"""The component `AudienceSync` in Dagster, on a warehouse made by hand."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.components import audience_sync
from dagster_project.components.audience_sync import (
    AudienceSync,
    ContradictoryPurposeError,
    UnknownPurposeError,
    UnknownSegmentError,
)
from dagster_project.resources import AudienceFiles, Warehouse
from dagster_project.segments.declarations import Segment
from tests.unit.activation.shop import MONDAY, TUESDAY, Shop

_DECLARATION = """
    name: best_customers
    segment: champions
    exclude: [recent_buyers]
    destination:
      type: files
    purpose: email_marketing
    identifiers: [email]
    batch_size: 2
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with three champions, of whom one bought lately and one does not consent."""
    declared = [
        Segment(
            name=name,
            description="Some.",
            owner="marketing",
            kind="exclusion",
            consent_purpose=consent_purpose,
        )
        for name, consent_purpose in (("champions", "email_marketing"), ("recent_buyers", None))
    ]
    purposes = ["email_marketing", "advertising"]
    monkeypatch.setattr(audience_sync, "_declared_in_the_project", lambda: (declared, purposes))
    shop = Shop(tmp_path)
    shop.with_customers("a", "b")
    shop.reachable("c")
    shop.on_day(MONDAY, champions="abc", recent_buyers="b")
    return shop


def definitions(declaration: str = _DECLARATION) -> dg.Definitions:
    return dg.build_defs_for_component(component=AudienceSync.resolve_from_yaml(declaration))


def run(shop: Shop, day: object, declaration: str = _DECLARATION) -> dg.ExecuteInProcessResult:
    made = definitions(declaration)
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*(made.assets or []), *(made.asset_checks or [])],
            instance=instance,
            partition_key=str(day),
            resources={
                "warehouse": Warehouse(path=str(shop.warehouse)),
                "audience_files": AudienceFiles(root=str(shop.audiences)),
            },
        )


def metadata_of(result: dg.ExecuteInProcessResult) -> Mapping[str, dg.MetadataValue[object]]:
    (event,) = result.get_asset_materialization_events()
    return event.step_materialization_data.materialization.metadata


def test_a_run_delivers_tells_what_it_did_and_passes_its_check(shop: Shop) -> None:
    result = run(shop, MONDAY)
    metadata = metadata_of(result)
    assert metadata["dagster/row_count"].value == 1
    assert metadata["people"].value == "\n".join(
        [
            "| people | count |",
            "| --- | ---: |",
            "| members | 3 |",
            "| excluded | 1 |",
            "| not consenting | 1 |",
            "| not contactable | 0 |",
            "| desired | 1 |",
            "| adds | 1 |",
            "| removes | 0 |",
            "| unchanged | 0 |",
            "| rejected | 0 |",
        ]
    )
    assert [check.passed for check in result.get_asset_check_evaluations()] == [True]
    assert "manifest.json" in str(metadata["files"].value)


def test_metadata_holds_no_personal_data(shop: Shop) -> None:
    assert "@" not in str(metadata_of(run(shop, MONDAY)))


def test_an_old_day_says_that_it_delivers_nothing(shop: Shop) -> None:
    run(shop, MONDAY)
    shop.on_day(TUESDAY, champions="ab")
    metadata = metadata_of(run(shop, MONDAY))
    assert metadata["delivered"].value == "nothing: 2026-06-01 is not the newest day"
    assert metadata["dagster/row_count"].value == 1


def test_the_check_fails_while_somebody_who_said_no_is_in_the_audience(shop: Shop) -> None:
    run(shop, MONDAY)
    shop.on_day(TUESDAY, champions="ab")
    shop.consents("a", is_granted=False)
    result = run(shop, MONDAY)
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert check.metadata["without_consent"].value == 1


def test_the_asset_stands_downstream_of_what_it_reads(shop: Shop) -> None:
    del shop
    (asset,) = definitions().assets or []
    assert isinstance(asset, dg.AssetsDefinition)
    (spec,) = asset.specs
    assert spec.key == dg.AssetKey(["activation", "best_customers"])
    assert spec.group_name == "activation"
    assert {dep.asset_key for dep in spec.deps} == {
        dg.AssetKey(["identity", "profile_aliases"]),
        dg.AssetKey(["metrics", "segment_memberships"]),
        dg.AssetKey(["profiles", "contact_point_consents"]),
        dg.AssetKey(["profiles", "contact_points"]),
        dg.AssetKey(["profiles", "profile_consents"]),
    }


def test_a_segment_that_the_project_does_not_have_is_named(shop: Shop) -> None:
    del shop
    declaration = _DECLARATION.replace("segment: champions", "segment: champion")
    with pytest.raises(UnknownSegmentError, match="best_customers names champion, but"):
        definitions(declaration)


def test_without_a_purpose_of_its_own_an_audience_has_its_segment_s(shop: Shop) -> None:
    declaration = _DECLARATION.replace("    purpose: email_marketing\n", "")
    with_purpose = metadata_of(run(shop, MONDAY))
    assert (
        metadata_of(run(shop, MONDAY, declaration))["dagster/row_count"]
        == (with_purpose["dagster/row_count"])
    )
    other = declaration.replace("segment: champions", "segment: recent_buyers").replace(
        "exclude: [recent_buyers]", "exclude: []"
    )
    with pytest.raises(UnknownPurposeError, match="best_customers says no purpose, and neither"):
        definitions(other)


def test_an_audience_cannot_ask_for_another_consent_than_its_segment(shop: Shop) -> None:
    del shop
    declaration = _DECLARATION.replace("purpose: email_marketing", "purpose: advertising")
    with pytest.raises(ContradictoryPurposeError, match="but champions is for email_marketing"):
        definitions(declaration)


def test_an_audience_cannot_be_for_what_nobody_is_asked_for(shop: Shop) -> None:
    del shop
    declaration = _DECLARATION.replace("purpose: email_marketing", "purpose: advertisng")
    told = "is for advertisng, a purpose that.*does not accept.*There are email_marketing"
    with pytest.raises(UnknownPurposeError, match=told):
        definitions(declaration)
