"""The job that shows what other rules would do to profiles, on a copy of the warehouse.

Belongs here: making the copy, running dbt on it, and the report. Does not belong here: what the
report says (`dagster_project.resolution.pending_changes`).
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from dagster_project.defs.identity.assets import fuzzy_matching_model
from dagster_project.engine import open_warehouse
from dagster_project.home import Home
from dagster_project.resolution.fuzzy_matching import find_pairs
from dagster_project.resolution.pending_changes import read_pending_changes
from dagster_project.resolution.scores import compare_scores, read_scores
from dagster_project.resources import Warehouse
from dagster_project.transformation import checked_variables, run_dbt, variable_arguments

_UP_TO_MATCHING = ("--select", "+matching_entities")
_UP_TO_CHANGES = ("--select", "+identity_pending_changes", "--exclude", "+matching_entities")


@dg.op(pool="warehouse", description="Builds the stage `identity` in a copy of the warehouse.")
def build_copy(context: dg.OpExecutionContext, dbt: DbtCliResource, warehouse: Warehouse) -> None:
    """Leave a report, and nothing else."""
    home = Home.from_environment()
    variables = checked_variables(home)
    # Beside the warehouse: a copy of it may be too large for the folder of temporary files.
    with tempfile.TemporaryDirectory(dir=home.root, prefix=".identity-dry-run-") as folder:
        trial = Home(Path(folder))
        with warehouse.connect() as connection:
            # Nobody writes while it is open here; what a killed run left beside the file goes in.
            connection.con.execute("checkpoint")
            shutil.copyfile(warehouse.path, trial.warehouse)
            scores_before = read_scores(connection)
        _build(dbt, trial, variables, *_UP_TO_MATCHING)
        with open_warehouse(trial.warehouse) as connection:
            find_pairs(connection, fuzzy_matching_model(home))
        _build(dbt, trial, variables, *_UP_TO_CHANGES)
        with open_warehouse(trial.warehouse, read_only=True) as connection:
            changes = read_pending_changes(connection)
            scores = compare_scores(scores_before, read_scores(connection))
    report = f"{changes.as_markdown()}\n\n{scores}"
    home.identity_dry_run.parent.mkdir(parents=True, exist_ok=True)
    home.identity_dry_run.write_text(f"# What the rules of now would change\n\n{report}\n")
    context.log.info(f"The report is in {home.identity_dry_run}.")
    context.add_output_metadata(
        {
            "file": dg.MetadataValue.path(home.identity_dry_run),
            "profiles merged": changes.merged,
            "profiles split": changes.split,
            "report": dg.MetadataValue.md(report),
        }
    )


def _build(
    dbt: DbtCliResource, home: Home, variables: Mapping[str, str | bool], *selection: str
) -> None:
    # Without tests: a jump, or a score, that stops a run is what the report is to show.
    without_tests = ("--exclude-resource-type", "test", "unit_test")
    run_dbt(dbt, home, "build", *selection, *without_tests, *variable_arguments(variables))


@dg.job(
    executor_def=dg.in_process_executor,
    description=(
        "Shows what the rules, seeds and parameters of now would do to the profiles: how many "
        "would be merged and split, the largest, examples, and the scores. It works on a copy and "
        "changes nothing."
    ),
)
def identity_dry_run() -> None:
    """Report, and nothing else."""
    build_copy()
