"""The jobs of this deployment.

Belongs here: which stages run together. Does not belong here: asset names; a job selects by group,
so that a new source, segment or audience needs no edit.
"""

import dagster as dg

STAGES = [
    "raw",
    "staging",
    "conformed",
    "identity",
    "profiles",
    "features",
    "segments",
    "metrics",
    "activation",
    "published",
]
"""The stages in the order of the flow; each is a group of assets."""

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.groups(*STAGES),
    description="One day through every stage: from what landed that day to audiences.",
)

ingestion = dg.define_asset_job(
    "ingestion",
    selection=dg.AssetSelection.groups("raw"),
    description="What landed on a day, or on a range of days at once, into `raw`.",
)
