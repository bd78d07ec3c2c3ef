"""The dbt models as Dagster assets, in three steps.

Belongs here: which models run together, with which partitions, and what the UI says of them. Does
not belong here: what a model says (`dbt_project`), and how a node becomes an asset
(`dagster_project.transformation`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtCliRuntimeError, DbtCliResource, dbt_assets
from ibis.backends.duckdb import Backend

from dagster_project.home import Home
from dagster_project.measurement.builds import record_builds
from dagster_project.partitions import (
    SINGLE_RUN,
    as_of_days,
    daily_partitions,
    event_time_arguments,
)
from dagster_project.resources import Warehouse
from dagster_project.transformation import (
    Plot,
    Translator,
    checked_variables,
    dbt_project,
    errors_in_logs,
    plots,
    variable_arguments,
)

# A start of dbt costs seconds, so each step is one start: what fuzzy matching compares, then what
# is known now, then what is true of a day.
_FROM_MATCHING = "fuzzy_links+"
_BY_DAY = "config.incremental_strategy:microbatch"
_AFTER_MATCHING = f"{_FROM_MATCHING} {_BY_DAY}"


class Approval(dg.Config):
    """What a person answers for in a run's config.

    Attributes:
        approve_identity_changes: Let the run merge and split more profiles than the dbt variable
            `most_profiles_changed_share` allows.
    """

    approve_identity_changes: bool = False


@dg.definitions
def transformation() -> dg.Definitions:
    """Make the steps from the manifest."""
    project = dbt_project(Home.from_environment())

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="staging_to_matching",
        exclude=_AFTER_MATCHING,
        dagster_dbt_translator=Translator(),
        pool="warehouse",
    )
    def staging_to_matching(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: Warehouse
    ) -> Iterator[Any]:
        yield from _build(context, dbt, warehouse, _without(_AFTER_MATCHING))

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="identity_to_profiles",
        select=_FROM_MATCHING,
        exclude=_BY_DAY,
        dagster_dbt_translator=Translator(),
        pool="warehouse",
    )
    def identity_to_profiles(
        context: dg.AssetExecutionContext,
        config: Approval,
        dbt: DbtCliResource,
        warehouse: Warehouse,
    ) -> Iterator[Any]:
        approval = config.model_dump() if config.approve_identity_changes else None
        yield from _build(context, dbt, warehouse, _without(_BY_DAY), approval=approval)

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="features_to_segments",
        select=_BY_DAY,
        dagster_dbt_translator=Translator(),
        partitions_def=daily_partitions(),
        backfill_policy=SINGLE_RUN,
        pool="warehouse",
    )
    def features_to_segments(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, warehouse: Warehouse
    ) -> Iterator[Any]:
        yield from _build(context, dbt, warehouse, event_time_arguments(context))

    return dg.Definitions(assets=[staging_to_matching, identity_to_profiles, features_to_segments])


def _without(made_later: str) -> Sequence[str]:
    """Leave out what later steps make, and with it the tests of that.

    dagster-dbt forgets a step's `exclude` where only some of its assets are materialised. Then dbt
    would run every test that reads one of them, and judge what the run before has left of the later
    ones: a decision that has not been followed yet would stop the run that is about to.
    """
    return ("--exclude", made_later)


def _build(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    warehouse: Warehouse,
    arguments: Sequence[str] = (),
    approval: Mapping[str, bool] | None = None,
) -> Iterator[Any]:
    """Run dbt to its end, then report what it made, with the number of rows and what is plotted.

    Every step gets the variables with which the project was parsed as the code location was loaded,
    so that its first run finds it parsed; those that a person answers for are of that one run.
    """
    home = Home.from_environment()
    variables = {**checked_variables(home), **(approval or {})}
    # dbt waits for a warehouse that another process holds too, but what it says of it is buried.
    with warehouse.connect():
        pass
    invocation = dbt.cli(
        # Unit tests judge the SQL, not the data: continuous integration runs them, no daily run.
        [
            *("build", "--exclude-resource-type", "unit_test"),
            *(*arguments, *variable_arguments(variables)),
        ],
        context=context,
        # One folder a step, not one a run: what dbt has parsed is found again, and disk is kept.
        target_path=home.dbt / context.op_execution_context.op.name,
    )
    began_at = datetime.now(UTC)
    events: list[Any] = []
    failure: DagsterDbtCliRuntimeError | None = None
    try:
        events.extend(invocation.stream())
    except DagsterDbtCliRuntimeError as error:
        failure = error
    _record_segments(context, warehouse, events)
    yield from _with_numbers(context, warehouse, events, plots(invocation.manifest))
    if failure:
        raise _with_errors(failure, errors_in_logs(invocation.target_path, began_at))


def _with_errors(
    failure: DagsterDbtCliRuntimeError, errors: Iterable[str]
) -> DagsterDbtCliRuntimeError:
    said = str(failure.description)
    unsaid = [error for error in errors if error.partition("\n")[0] not in said]
    return DagsterDbtCliRuntimeError("\n\n".join([said, *unsaid])) if unsaid else failure


def _record_segments(
    context: dg.AssetExecutionContext, warehouse: Warehouse, events: Sequence[Any]
) -> None:
    keys = [
        context.asset_key_for_output(event.output_name).path
        for event in events
        if isinstance(event, dg.Output)
    ]
    if built := [table for schema, table in keys if schema == "segments"]:
        with warehouse.connect() as connection:
            record_builds(connection, built, as_of_days(context))


def _with_numbers(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    events: Sequence[Any],
    plotted: Mapping[tuple[str, str], Plot],
) -> Iterator[Any]:
    # Not dagster-dbt's own row counts: they keep the warehouse open in this process, where the
    # next start of dbt would find it locked.
    with warehouse.connect(read_only=True) as connection:
        for event in events:
            if isinstance(event, dg.Output):
                schema, table = context.asset_key_for_output(event.output_name).path
                rows = connection.table(table, database=schema).count().to_pyarrow().as_py()
                numbers = {"dagster/row_count": rows}
                if plot := plotted.get((schema, table)):
                    numbers |= _plotted(connection, schema, table, plot)
                yield event.with_metadata({**event.metadata, **numbers})
            else:
                yield event


def _plotted(connection: Backend, schema: str, table: str, plot: Plot) -> dict[str, float]:
    """Read the numbers by what they are of: Dagster plots numbers under one name over time."""
    rows = connection.table(table, database=schema).order_by(plot.by).to_pyarrow().to_pylist()
    return {
        f"{column} ({', '.join(str(row[name]) for name in plot.by)})": float(row[column])
        for row in rows
        for column in plot.columns
        if row[column] is not None
    }
