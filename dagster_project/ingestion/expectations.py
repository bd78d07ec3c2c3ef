"""Great Expectations over batches: which rows, and which landing days, break an expectation.

Belongs here: everything that imports Great Expectations, always inside a function, since the
import takes seconds. Does not belong here: what follows from a broken expectation (`loading`).

An expectation that judges rows sees only the values of its own columns, so it is evaluated on
their distinct combinations, in bounded batches, and the engine finds the rows that hold a failing
one. A table of millions of rows and few prices costs Great Expectations thousands.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from dagster_project.ingestion.contracts import Expectation, SourceTable
from dagster_project.ingestion.semantic_types import LANDED_BEFORE, LANDED_ON
from dagster_project.ingestion.sql import identifier

BATCH_ROWS = 200_000
_TIME_TYPES = {"DATE", "TIMESTAMP"}
_BOUNDS = ("min_value", "max_value")


class ExpectationError(Exception):
    """An expectation that cannot be evaluated; the text names it and what to correct."""


@dataclass(frozen=True)
class Rule:
    """An expectation under the number that its findings carry."""

    number: int
    expectation: Expectation


class Judge:
    """Evaluates a table's expectations.

    Attributes:
        row_rules: Those that judge rows.
        table_rules: Those that judge a landing day's whole table.
    """

    def __init__(self, table: SourceTable, rules: Sequence[Rule]) -> None:
        """Build the expectations; imports Great Expectations if there are any.

        Raises:
            ExpectationError: When an expectation does not exist or refuses its arguments.
        """
        self._table = table
        self.row_rules: list[Rule] = []
        self.table_rules: list[Rule] = []
        self._built: dict[int, Any] = {}
        if rules:
            self._batches = _batch_definition()
        for rule in rules:
            self._built[rule.number], judges_rows = _build(table, rule)
            (self.row_rules if judges_rows else self.table_rules).append(rule)

    def failing_values(
        self, connection: duckdb.DuckDBPyConnection, rows: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        """Find the values that break an expectation of rows.

        Args:
            connection: The warehouse.
            rows: A table with the declared columns and `_landed_on`.

        Yields:
            Columns, and a frame with one row for each combination of their values and rule that
            it breaks: the columns `value` and `rule`. `value` counts the rows of the temporary
            table `ingested_values`, which holds the combinations until the next is asked for.
        """
        for columns, rules in self._by_columns().items():
            connection.execute(
                "create or replace temp table ingested_values as "
                f"select row_number() over () as _value, * from "
                f"(select distinct {_selected(columns, rows)} from {rows})"
            )
            found = [
                pd.DataFrame({"value": batch["_value"].iloc[positions], "rule": number})
                for batch in _batches_of(connection)
                for number, positions in self._broken(batch.drop(columns="_value"), rules)
            ]
            if found:
                yield columns, pd.concat(found, ignore_index=True)

    def failing_days(
        self, connection: duckdb.DuckDBPyConnection, rows: str, days: Sequence[Any]
    ) -> Iterator[tuple[int, Any]]:
        """Find the landing days whose whole table breaks an expectation.

        Args:
            connection: The warehouse.
            rows: A table with the declared columns and `_landed_on`, of the rows that passed.
            days: The landing days to judge: those with a file.

        Yields:
            The rule's number and the day.
        """
        columns = sorted({name for rule in self.table_rules for name in rule.expectation.columns})
        # A count of rows needs rows, not columns.
        selected = _selected(columns, rows) if columns else LANDED_ON
        for day in days if self.table_rules else ():
            frame = connection.execute(
                f"select {selected} from {rows} where {LANDED_ON} = ?", [day]
            ).df()
            for result in self._results(frame, self.table_rules, "BOOLEAN_ONLY"):
                if not result.success:
                    yield result.expectation_config.meta["rule"], day

    def _by_columns(self) -> dict[tuple[str, ...], list[Rule]]:
        grouped: dict[tuple[str, ...], list[Rule]] = {}
        for rule in self.row_rules:
            grouped.setdefault(tuple(rule.expectation.columns), []).append(rule)
        return grouped

    def _broken(
        self, frame: pd.DataFrame, rules: Sequence[Rule]
    ) -> Iterator[tuple[int, list[int]]]:
        for result in self._results(frame, rules, "COMPLETE"):
            if not result.success:
                yield result.expectation_config.meta["rule"], result.result["unexpected_index_list"]

    def _results(self, frame: pd.DataFrame, rules: Sequence[Rule], detail: str) -> list[Any]:
        import great_expectations as gx  # noqa: PLC0415

        suite = gx.ExpectationSuite(
            name=self._table.name, expectations=[self._built[rule.number] for rule in rules]
        )
        batch = self._batches.get_batch({"dataframe": frame})
        results = batch.validate(suite, result_format={"result_format": detail}).results
        for result in results:
            if _raised(result):
                rule = next(
                    one for one in rules if one.number == result.expectation_config.meta["rule"]
                )
                # Their message may quote values, so it stays out of ours.
                raise ExpectationError(
                    f"{rule.expectation.label} cannot be evaluated on "
                    f"{', '.join(rule.expectation.columns) or 'the table'}; "
                    "compare its arguments with the columns' types"
                )
        return list(results)


def _batch_definition() -> Any:
    # It reports its usage over the network unless told otherwise before it is imported.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("landing").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("batch")


def _build(table: SourceTable, rule: Rule) -> tuple[Any, bool]:
    from great_expectations.exceptions import ExpectationNotFoundError  # noqa: PLC0415
    from great_expectations.expectations import expectation as kinds  # noqa: PLC0415
    from great_expectations.expectations.registry import (  # noqa: PLC0415
        get_expectation_impl,
    )

    declared = rule.expectation
    try:
        implementation = get_expectation_impl(declared.type)
    except ExpectationNotFoundError as error:
        raise ExpectationError(
            f"Great Expectations has no '{declared.type}'; correct the table's `expectations`"
        ) from error
    try:
        built = implementation(**_typed_arguments(table, declared), meta={"rule": rule.number})
    except Exception as error:
        raise ExpectationError(
            f"{declared.label} does not work with these arguments; "
            "correct the table's `expectations`"
        ) from error
    judges_rows = issubclass(
        implementation,
        kinds.ColumnMapExpectation
        | kinds.ColumnPairMapExpectation
        | kinds.MulticolumnMapExpectation,
    )
    return built, judges_rows


def _typed_arguments(table: SourceTable, expectation: Expectation) -> dict[str, Any]:
    """YAML has dates at best; pandas compares times with times only."""
    column = table.columns.get(expectation.kwargs.get("column", ""))
    if column is None or column.engine_type not in _TIME_TYPES:
        return expectation.kwargs
    return {
        name: pd.Timestamp(value).to_pydatetime() if name in _BOUNDS else value
        for name, value in expectation.kwargs.items()
    }


def column_of(relation: str, name: str) -> str:
    """Write a column that an expectation may name; `_landed_before` is worked out, not stored."""
    if name == LANDED_BEFORE:
        return f"cast({relation}.{LANDED_ON} + 1 as timestamp)"
    return f"{relation}.{identifier(name)}"


def _selected(columns: Sequence[str], rows: str) -> str:
    return ", ".join(f"{column_of(rows, name)} as {identifier(name)}" for name in columns)


def _batches_of(connection: duckdb.DuckDBPyConnection) -> Iterator[pd.DataFrame]:
    first = 1
    while True:
        batch = connection.execute(
            "select * from ingested_values where _value between ? and ?",
            [first, first + BATCH_ROWS - 1],
        ).df()
        if batch.empty:
            return
        yield batch
        first += BATCH_ROWS


def _raised(result: Any) -> bool:
    information = result.exception_info or {}
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(one.get("raised_exception") for one in information.values())
