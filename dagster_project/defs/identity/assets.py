"""Fuzzy matching: the pairs of a run, between two steps of dbt, and the job that trains it.

Belongs here: when it runs, with which parameters, and what the UI says of it. Does not belong here:
comparing (`dagster_project.resolution`), and what is made of a pair (the dbt models).
"""

import json

import dagster as dg

from dagster_project.home import Home
from dagster_project.markdown import markdown_table
from dagster_project.resolution.fuzzy_matching import (
    Model,
    describe_model,
    find_pairs,
    read_model,
    train,
)
from dagster_project.resources import Warehouse
from dagster_project.settings import read_settings
from dagster_project.transformation import FUZZY_MATCHING_MODEL


@dg.asset(
    key=["identity", "fuzzy_pairs"],
    deps=[["identity", "matching_entities"]],
    group_name="identity",
    pool="warehouse",
    owners=["team:data-engineering"],
    kinds={"duckdb", "splink"},
    description=(
        "Pairs of clusters that may be one person though they share no identifier, as splink "
        "judges them by `dbt_project/models/identity/fuzzy_matching.json`: `record_id_a`, "
        "`record_id_b`, `match_weight`, `match_probability`, `evidence`. Strong pairs become "
        "`identity.fuzzy_links`, weaker ones go to `identity.identity_review`. Together with it is "
        "kept `identity.judged_entities`: which clusters, as they were known, the pairs account "
        "for, so that only pairs of others are judged. Empty while "
        "`fuzzy_matching` is off in the deployment's `settings.yaml`."
    ),
)
def fuzzy_pairs(warehouse: Warehouse) -> dg.MaterializeResult[None]:
    """Judge the pairs, if the deployment wants that."""
    model = fuzzy_matching_model(Home.from_environment())
    with warehouse.connect() as connection:
        pairs = find_pairs(connection, model)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": pairs, "fuzzy matching": "on" if model else "off"}
    )


def fuzzy_matching_model(home: Home) -> Model | None:
    """Read the reviewed parameters; null where the deployment does not match fuzzily."""
    is_on = read_settings(home).fuzzy_matching
    return read_model(FUZZY_MATCHING_MODEL) if is_on else None


@dg.op(pool="warehouse", description="Estimates the parameters of the fuzzy matching.")
def train_on_entities(context: dg.OpExecutionContext, warehouse: Warehouse) -> None:
    """Leave trained parameters for people to review."""
    home = Home.from_environment()
    with warehouse.connect() as connection:
        model = train(connection)
    file = home.trained_fuzzy_matching
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(model, indent=2) + "\n")
    weights = markdown_table(
        ("attribute", "outcome", "match weight"),
        (
            (outcome.attribute, outcome.outcome, f"{outcome.weight:.1f}")
            for outcome in describe_model(model)
            if outcome.weight is not None
        ),
        numbers=1,
    )
    context.log.info(
        f"Trained parameters are in {file}. If agreement weighs more than nothing, and the rarer "
        f"it is the more, put the file in place of {FUZZY_MATCHING_MODEL}.\n{weights}"
    )
    context.add_output_metadata(
        {"file": dg.MetadataValue.path(file), "weights": dg.MetadataValue.md(weights)}
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description=(
        "Estimates the parameters of the fuzzy matching from the clusters of now and leaves them "
        "in `training/` of the deployment, for people to review: nothing else changes."
    ),
)
def train_fuzzy_matching() -> None:
    """Train, and nothing else."""
    train_on_entities()
