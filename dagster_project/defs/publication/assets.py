"""The published copy as a Dagster asset, downstream of all that a run does.

Belongs here: what it waits for and what the UI says of it. Does not belong here: what is published
and how (`dagster_project.publication`).
"""

from pathlib import Path

import dagster as dg

from dagster_project.home import Home
from dagster_project.markdown import markdown_table
from dagster_project.partitions import SINGLE_RUN, daily_partitions
from dagster_project.publication import publish
from dagster_project.resources import PublishedCopy, Warehouse
from dagster_project.transformation import (
    columns_without_personal_data,
    dbt_project,
    read_manifest,
    segment_names,
)


@dg.definitions
def publication(context: dg.ComponentLoadContext) -> dg.Definitions:
    """Make the asset downstream of every metric and every audience that is declared."""
    project = dbt_project(Home.from_environment())
    upstream = [
        key
        for stage in ("metrics", "activation")
        for assets in context.build_defs(Path(stage)).assets or []
        if isinstance(assets, dg.AssetsDefinition)
        for key in assets.keys
    ]

    @dg.asset(
        key=["published", "segmentation"],
        group_name="published",
        deps=sorted(upstream),
        partitions_def=daily_partitions(),
        backfill_policy=SINGLE_RUN,
        pool="warehouse",
        owners=["team:data-engineering"],
        kinds={"duckdb"},
        description=(
            "The copy for analysts, put in place by one rename when a run has gone well: profiles "
            "without personal columns, the current members of each segment, memberships, metrics."
        ),
    )
    def segmentation(
        warehouse: Warehouse, published_copy: PublishedCopy
    ) -> dg.MaterializeResult[None]:
        manifest = read_manifest(project)
        with warehouse.connect() as connection:
            rows = publish(
                connection,
                published_copy.path,
                profile_columns=columns_without_personal_data(manifest, "profiles"),
                segments=segment_names(manifest),
            )
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(rows.values()),
                "path": dg.MetadataValue.path(published_copy.path),
                "rows": dg.MetadataValue.md(
                    markdown_table(("table", "rows"), rows.items(), numbers=1)
                ),
            }
        )

    return dg.Definitions(assets=[segmentation])
