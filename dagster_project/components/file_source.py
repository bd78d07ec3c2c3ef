"""A source that delivers files, declared in YAML: one asset and one asset check for each table.

Belongs here: what Dagster shows and asks of such a source. Does not belong here: reading, judging
and loading files (`dagster_project.ingestion`), and any one source (`defs/ingestion`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from dagster_project.ingestion import (
    Column,
    ExpectationOutcome,
    LoadResult,
    SourceTable,
    TableRejectedError,
    first_few,
    load_table,
)
from dagster_project.markdown import markdown_table
from dagster_project.partitions import SINGLE_RUN, daily_partitions, landing_days
from dagster_project.resources import LandingStorage, Warehouse

GROUP = "raw"
CHECK = "expectations"

_MOST_FILES_LISTED = 20
_PROVENANCE = (
    dg.TableColumn("_landed_on", "date", description="The day whose file the row came in."),
    dg.TableColumn("_source_file", "string", description="That file, below landing/."),
    dg.TableColumn("_source_row", "integer", description="The row's number in it, from 1."),
)


class FileSource(dg.Component, dg.Model, dg.Resolvable):
    """A source whose tables land as files, a day at a time.

    Attributes:
        source: The source's name; its tables are `raw.<source>__<table>`.
        description: What the source is, for people.
        owners: Who answers for it: e-mail addresses or `team:<name>`.
        tables: The contracts of its tables.
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    owners: Sequence[str] = ("team:data-engineering",)
    tables: Sequence[SourceTable]

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002
        """Make the assets."""
        return dg.Definitions(assets=[self.asset_of(table) for table in self.tables])

    def asset_of(self, table: SourceTable) -> dg.AssetsDefinition:
        """Make the asset of one table, and its check."""
        name = table.raw_name(self.source)
        key = dg.AssetKey([GROUP, name])

        @dg.asset(
            key=key,
            description=f"{table.description}\n\nSource: {self.description}",
            group_name=GROUP,
            owners=list(self.owners),
            kinds={"duckdb", table.format.value},
            partitions_def=daily_partitions(),
            backfill_policy=SINGLE_RUN,
            pool="warehouse",
            metadata=_declared_metadata(table),
            check_specs=[
                dg.AssetCheckSpec(
                    CHECK,
                    asset=key,
                    blocking=True,
                    description=(
                        "What must be true of the files and rows that landed. It warns when rows "
                        "went to raw.rejected_rows, values were replaced, a day's files are "
                        "gone or files of earlier days were never loaded, and stops what depends "
                        "on the table when the table itself could not be loaded."
                    ),
                )
            ],
        )
        def load(
            context: dg.AssetExecutionContext, warehouse: Warehouse, landing: LandingStorage
        ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
            first_day, last_day = landing_days(context)
            try:
                with warehouse.connect() as connection:
                    result = load_table(
                        connection,
                        self.source,
                        table,
                        landing=landing.path,
                        first_day=first_day,
                        last_day=last_day,
                    )
            except TableRejectedError as rejection:
                yield _failed_check(key, rejection)
                raise dg.Failure(str(rejection), allow_retries=False) from None
            yield dg.MaterializeResult(
                asset_key=key,
                metadata=_load_metadata(result),
                check_results=[_check(key, result)],
            )

        return load


def _declared_metadata(table: SourceTable) -> dict[str, Any]:
    columns = [
        dg.TableColumn(
            name,
            column.type,
            description=column.description or None,
            constraints=dg.TableColumnConstraints(nullable=name not in table.required_columns),
            tags=_column_tags(column),
        )
        for name, column in table.columns.items()
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=[*columns, *_PROVENANCE]),
        "path": f"landing/{table.path}",
        "key": ", ".join(table.key),
        "mode": table.mode.value,
    }


def _column_tags(column: Column) -> dict[str, str]:
    tags = {"semantic_type": column.semantic_type} if column.semantic_type else {}
    return {**tags, "pii": "true"} if column.is_personal else tags


def _load_metadata(result: LoadResult) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "dagster/row_count": result.rows_in_table,
        "rows_read": result.rows_read,
        "rows_loaded": result.rows_loaded,
        "rows_rejected": result.rows_rejected,
        "files": len(result.files),
    }
    if 0 < len(result.files) <= _MOST_FILES_LISTED:
        listed = "\n".join(f"- `landing/{name}`" for name in result.files)
        metadata["files_read"] = dg.MetadataValue.md(listed)
    if result.kept_days:
        metadata["kept_days"] = ", ".join(day.isoformat() for day in result.kept_days)
    return metadata


def _check(key: dg.AssetKey, result: LoadResult) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {
        "rows_read": result.rows_read,
        "rows_rejected": result.rows_rejected,
        "unknown_columns": _unknown_columns(result) or "none",
        **_outcomes_metadata(result.outcomes),
    }
    if result.rejected_by_rule:
        metadata["rejected_by_rule"] = dg.MetadataValue.md(
            markdown_table(("rule", "rows rejected"), result.rejected_by_rule.items(), numbers=1)
        )
    if result.replaced_by_rule:
        metadata["replaced_by_rule"] = dg.MetadataValue.md(
            markdown_table(("rule", "values replaced"), result.replaced_by_rule.items(), numbers=1)
        )
    if result.kept_days:
        metadata["kept_days"] = len(result.kept_days)
    if result.missed_days:
        metadata["missed_days"] = ", ".join(day.isoformat() for day in result.missed_days)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK,
        passed=not result.has_findings,
        severity=dg.AssetCheckSeverity.WARN,
        description=_summary(result),
        metadata=metadata,
    )


def _unknown_columns(result: LoadResult) -> str:
    more = f"{result.more_unknown_columns:,} not named here" if result.more_unknown_columns else ""
    return ", ".join([*result.unknown_columns, *filter(None, [more])])


def _summary(result: LoadResult) -> str:
    unknown_columns = _unknown_columns(result)
    findings = [
        f"{result.rows_rejected:,} of {result.rows_read:,} rows are in raw.rejected_rows"
        if result.rows_rejected
        else "",
        *(f"{count:,} values replaced: {rule}" for rule, count in result.replaced_by_rule.items()),
        f"unknown columns were kept out: {unknown_columns}" if unknown_columns else "",
        f"{len(result.kept_days)} days keep their rows, though their files are gone"
        if result.kept_days
        else "",
        f"files of {len(result.missed_days)} earlier days were never loaded "
        f"({first_few(result.missed_days)}): materialise those days of this asset; what landed "
        "before the first partition belongs to that one"
        if result.missed_days
        else "",
        *(
            f"{outcome.failed:,} of {outcome.evaluated:,} "
            f"{'rows' if outcome.scope == 'row' else 'days'} break {outcome.label}"
            for outcome in result.outcomes
            if outcome.failed and outcome.severity == "warning"
        ),
    ]
    return "; ".join(finding for finding in findings if finding) or "Everything was as declared."


def _failed_check(key: dg.AssetKey, rejection: TableRejectedError) -> dg.AssetCheckResult:
    problems = "\n".join(f"- {problem}" for problem in rejection.problems)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        description="The table was not loaded and keeps what it held.",
        metadata={
            "problems": dg.MetadataValue.md(problems),
            **_outcomes_metadata(rejection.outcomes),
        },
    )


def _outcomes_metadata(outcomes: Sequence[ExpectationOutcome]) -> Mapping[str, Any]:
    if not outcomes:
        return {}
    return {
        "expectations": dg.MetadataValue.md(
            markdown_table(
                ("expectation", "severity", "judged", "failed"),
                (
                    (
                        outcome.label,
                        outcome.severity,
                        f"{outcome.evaluated:,} {'rows' if outcome.scope == 'row' else 'days'}",
                        outcome.failed,
                    )
                    for outcome in outcomes
                ),
                numbers=2,
            )
        )
    }
