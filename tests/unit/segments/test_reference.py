"""README's table of criteria."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dagster_project.home import Home
from dagster_project.segments.reference import ReferenceError, criteria_table, with_criteria
from dagster_project.transformation import dbt_project, read_manifest

README = Path(__file__).parents[3] / "README.md"

# What the people who asked for this want to ask of a segment, and which kinds they want to see: written
# down from their documents, not from the models.
WANTED = {
    "Demographics": {
        "age", "generation", "gender", "income", "education", "job", "family", "household", "home",
        "location",
    },
    "Purchases": {
        "recency", "frequency", "monetary value", "average order value", "patterns", "categories",
        "brands", "price paid", "promotions answered", "seasonal buying", "shopping hours and days",
        "channel",
    },
    "Behaviour": {
        "page views", "products viewed", "time on site", "cart abandonment", "wish lists", "app use",
        "did something at least so often within some days", "did one thing and then not another",
        "activity bands", "tenure",
    },
    "Engagement": {
        "opens", "clicks", "social interactions", "reviews", "participation in the programme",
        "points", "redemptions", "responsiveness to promotions", "preferred channel",
    },
    "Needs and motives": {
        "price sensitivity", "quality", "convenience", "service", "personality", "values",
        "interests", "lifestyle",
    },
    "Related data": {"tickets", "usage feedback", "cards and accounts"},
    "Kinds of segments": {
        "value: spend", "value: frequency", "value: lifetime value", "value: predicted revenue",
        "RFM ranks", "frequent buyers", "bargain hunters", "brand loyalists", "impulse buyers",
        "seasonal shoppers", "product-specific shoppers", "demographic", "psychographic",
        "engagement", "life cycle: new", "life cycle: active", "life cycle: at risk",
        "life cycle: churned", "life cycle: won back", "funnel stage of leads", "needs",
        "athletes, casual runners, amateurs", "young professionals", "dynamic",
        "ad hoc with an end date", "segment of segments", "exclusion list",
        "seed for lookalikes", "static list",
    },
}  # fmt: skip


def model(stage: str, name: str, criteria: list[str], **columns: list[str]) -> Mapping[str, Any]:
    """A node of the manifest."""
    return {
        "resource_type": "model",
        "schema": stage,
        "name": name,
        "config": {"meta": {"criteria": criteria}},
        "columns": {
            column: {"name": column, "config": {"meta": {"criteria": named}}}
            for column, named in columns.items()
        },
    }


def manifest_of(*models: Mapping[str, Any]) -> Mapping[str, Any]:
    """A manifest with these nodes."""
    return {"nodes": {f"model.{node['name']}": node for node in models}}


def test_a_criterion_names_its_features_and_segments() -> None:
    table = criteria_table(
        manifest_of(
            model("features", "purchase_features", [], last_order_on=["Purchases: recency"]),
            model("segments", "recent_buyers", ["Purchases: recency", "Kinds: exclusion list"]),
            model("profiles", "profiles", ["Purchases: recency"]),
        )
    )
    assert table.splitlines()[2:] == [
        "| Kinds | exclusion list |  | `recent_buyers` |",
        "| Purchases | recency | `last_order_on` | `recent_buyers` |",
    ]


def test_a_criterion_without_a_group_is_refused() -> None:
    with pytest.raises(ReferenceError, match=r"segments\.lost shows the criterion 'recency'"):
        criteria_table(manifest_of(model("segments", "lost", ["recency"])))


def test_the_table_replaces_the_one_before_it() -> None:
    readme = README.read_text()
    once = with_criteria(readme, "| a |")
    assert "\n| a |\n" in once
    assert with_criteria(with_criteria(readme, "| b |"), "| a |") == once


def test_a_readme_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ReferenceError, match="has 0 places"):
        with_criteria("# Customer segmentation", "| a |")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What dbt knows of the project."""
    return read_manifest(dbt_project(Home(tmp_path_factory.mktemp("home"))))


def test_every_criterion_that_is_wanted_is_shown_by_a_feature_or_a_segment(
    manifest: Mapping[str, Any],
) -> None:
    shown = criteria_table(manifest).splitlines()[2:]
    rows = {tuple(cell.strip() for cell in row.split("|")[1:3]) for row in shown}
    wanted = {(group, criterion) for group, criteria in WANTED.items() for criterion in criteria}
    assert wanted - rows == set()


def test_readme_has_the_table_of_the_manifest(manifest: Mapping[str, Any]) -> None:
    readme = README.read_text()
    assert with_criteria(readme, criteria_table(manifest)) == readme, (
        "Run `python -m dagster_project.segments reference --write`."
    )
