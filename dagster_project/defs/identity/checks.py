"""Checks of the stage `identity` that are figures, to be watched over time.

Belongs here: what the UI says of them. Does not belong here: counting
(`dagster_project.resolution`), and what must hold of every run, which dbt tests.
"""

from collections.abc import Mapping

import dagster as dg

from dagster_project.markdown import markdown_table
from dagster_project.resolution.figures import DOUBTFUL, identity_figures
from dagster_project.resources import Warehouse


@dg.asset_check(
    asset=["identity", "identity_map"],
    additional_deps=[
        ["identity", "identity_changes"],
        ["identity", "identity_confidences"],
        ["identity", "identity_conflicts"],
        ["identity", "identity_history"],
        ["identity", "identity_rejected_links"],
    ],
    pool="warehouse",
    description=(
        "Figures about profiles and links. It warns when links joined records that cannot be one "
        "person, so that they had to be cut: look at identity.identity_conflicts, which names a "
        "record of each, and at the links in identity.identity_rejected_links that are over a "
        "limit. Profiles that may be two "
        "people are those of the lowest confidence in identity.identity_confidences."
    ),
)
def clusters_are_plausible(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Show how records became profiles, and whether any had to be cut."""
    with warehouse.connect() as connection:
        figures = identity_figures(connection)
    share = figures.records_alone_share
    changed_at = figures.changed_at
    return dg.AssetCheckResult(
        passed=figures.components_cut == 0,
        # A warning: what remains after the cut is within the limits.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "records": figures.records,
            "profiles": figures.profiles,
            "records in the largest profile": figures.largest_profile,
            "share of records alone": share if share is not None else "no records",
            "components cut": figures.components_cut,
            "bridges": figures.bridges,
            f"profiles under a confidence of {DOUBTFUL}": figures.doubtful_profiles,
            "profiles by size": _markdown("records", figures.profiles_by_size),
            "rejected links": _markdown("reason", figures.rejected_links),
            # Not of this run, unless it changed the map: the time tells.
            "map changed last": f"{changed_at:%Y-%m-%d %H:%M} UTC" if changed_at else "never",
            "profiles changed then": _markdown("change", figures.changes),
        },
    )


def _markdown(heading: str, counts: Mapping[str, int]) -> dg.MarkdownMetadataValue | str:
    if not counts:
        return "none"
    return dg.MetadataValue.md(markdown_table((heading, "count"), counts.items(), numbers=1))
