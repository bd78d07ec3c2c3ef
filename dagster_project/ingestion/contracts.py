"""The contract of a source table: where its files are, what they hold, what must be true of it.

Belongs here: what a declaration may say, and the check that it makes sense. Does not belong here:
any table (`defs/ingestion/<source>/defs.yaml`), and whether files keep to it (`loading`).
"""

import re
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dagster_project.ingestion.semantic_types import LANDED_BEFORE, LANDED_ON, SEMANTIC_TYPES

LANDING_DAY = "{landed_on}"
"""Stands in a path pattern for the landing day, `YYYY-MM-DD`."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
_ENGINE_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(12,2)",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
_WHOLE_TABLE_DECISIONS = {
    "expect_column_values_to_be_unique",
    "expect_compound_columns_to_be_unique",
    "expect_select_column_values_to_be_unique_within_record",
}
_REPLACEMENT_TYPES: dict[str, type] = {"boolean": bool, "integer": int, "string": str}
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
_UNSUPPORTED_ARGUMENTS = {
    "mostly": "each row is judged by itself; declare an expectation of the whole table for a share",
    "row_condition": "declare the condition as a rule of its own, or in dbt on the staged table",
}


class LoadMode(StrEnum):
    """What a file means for the rows that are there already."""

    APPEND = "append"
    REPLACE = "replace"


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"
    NDJSON = "ndjson"


class _Declaration(BaseModel):
    """Strict: a misspelt key is an error, not a setting that is quietly ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Declaration):
    """One expectation in Great Expectations' own vocabulary.

    Expectations may name the declared columns and two more: `_landed_on`, the landing day, and
    `_landed_before`, the midnight at its end.

    Attributes:
        type: Such as `expect_column_values_to_be_between`.
        kwargs: Its arguments.
        severity: `critical` rejects the row, or, for an expectation of the whole table, stops the
            table; `warning` shows in the asset check; `info` is only counted.
        description: A sentence that is true when the expectation holds.
    """

    type: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["critical", "warning", "info"] = "critical"
    description: str | None = None

    @field_validator("type")
    @classmethod
    def _is_named_as_they_are(cls, value: str) -> str:
        if not re.fullmatch(r"expect_[a-z0-9_]+", value):
            raise ValueError(f"'{value}' is no expectation; their names begin with 'expect_'")
        if value in _WHOLE_TABLE_DECISIONS:
            raise ValueError(
                f"'{value}' cannot be judged row by row; declare the table's `key`, "
                "whose repetitions within a landing day are rejected"
            )
        return value

    @field_validator("kwargs")
    @classmethod
    def _has_arguments_that_we_can_honour(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, remedy in _UNSUPPORTED_ARGUMENTS.items():
            if name in value:
                raise ValueError(f"the argument '{name}' is not supported: {remedy}")
        return value

    @property
    def columns(self) -> list[str]:
        """The columns that the expectation looks at, in a fixed order."""
        named = [self.kwargs[name] for name in _COLUMN_ARGUMENTS if name in self.kwargs]
        named += self.kwargs.get("column_list", [])
        return sorted(set(named))

    @property
    def label(self) -> str:
        """The expectation with its arguments on one line."""
        arguments = ", ".join(f"{name}={value}" for name, value in self.kwargs.items())
        return f"{self.type}({arguments})"

    @property
    def reason(self) -> str:
        """Why a row that breaks it was rejected."""
        rule = f"'{self.description}'" if self.description else self.label
        declared = [name for name in self.columns if name not in {LANDED_ON, LANDED_BEFORE}]
        return f"column {', '.join(declared)} breaks {rule}"


class Column(_Declaration):
    """A column of a source table.

    Attributes:
        type: `string`, `integer`, `decimal` (12,2 unless said: `decimal(p,s)`), `double`, `date`,
            `timestamp` (UTC) or `boolean`.
        semantic_type: What it means; see `semantic_types`.
        nullable: Whether it may be empty. A key column never may, and what may not be empty may
            not be blanks alone either.
        optional: Whether a file may lack the column altogether, such as files from before it came.
        unreadable_as: The value that stands for one that is not of the column's type, or is empty
            where it may not be. The row is then kept instead of rejected, and the check counts it.
            For an answer whose loss would leave an older one in force.
        description: For people.
    """

    type: str = "string"
    semantic_type: str | None = None
    nullable: bool = True
    optional: bool = False
    unreadable_as: bool | int | str | None = None
    description: str = ""

    @field_validator("type")
    @classmethod
    def _is_a_known_type(cls, value: str) -> str:
        if value not in _ENGINE_TYPES and not _DECIMAL.fullmatch(value):
            known = ", ".join(_ENGINE_TYPES)
            raise ValueError(f"'{value}' is no type; known are {known} and decimal(p,s)")
        return value

    @field_validator("semantic_type")
    @classmethod
    def _is_a_known_meaning(cls, value: str | None) -> str | None:
        if value is not None and value not in SEMANTIC_TYPES:
            known = ", ".join(sorted(SEMANTIC_TYPES))
            raise ValueError(f"'{value}' is no semantic type; known are {known}")
        return value

    @model_validator(mode="after")
    def _is_replaced_by_its_own_type(self) -> Self:
        replacement = self.unreadable_as
        if replacement is not None and type(replacement) is not _REPLACEMENT_TYPES.get(self.type):
            raise ValueError(
                f"`unreadable_as` is {replacement!r} for a column of type {self.type}; "
                f"it must be of the column's type, one of {', '.join(_REPLACEMENT_TYPES)}"
            )
        return self

    @property
    def engine_type(self) -> str:
        """The column's type in DuckDB."""
        return _ENGINE_TYPES.get(self.type) or self.type.upper().replace(" ", "")

    @property
    def is_personal(self) -> bool:
        """Whether the column's values are personal."""
        return self.semantic_type is not None and SEMANTIC_TYPES[self.semantic_type].is_personal


class SourceTable(_Declaration):
    """A table that a source delivers as files.

    Attributes:
        name: Its name within the source.
        description: For people.
        path: Pattern of its files below the landing folder, with `{landed_on}` for the day and
            globs elsewhere: `crm/customers/{landed_on}.csv*`.
        format: `csv`, `parquet` or `ndjson`.
        compression: `auto` takes a name that ends in `.gz` as gzip.
        delimiter: Between the values of a CSV file.
        key: The columns that name a row. Blanks around texts in them are no part of them. Within
            one landing day the last good row of a key stays.
        mode: `append`: a day's files add to the other days'. `replace`: the newest day's files
            are the table.
        max_rejected_rows: More rejected rows than that in a landing day stop the table, other
            than those that a later row of the day replaced; and so does an earlier landed file
            that was never loaded. For a table where nobody may act on what is left. Null: there
            is no limit.
        expendable_rows: Rejected rows that do no harm, by what they say in a column, such as
            `{event_type: [sent, opened]}`, whatever the letter case and the blanks around it.
            `max_rejected_rows` does not count them. Where several columns are named, a row has to
            be harmless by all of them. What says something else, or nothing that can be read, is
            not expendable.
        columns: By name, in the order of the raw table.
        expectations: Besides those that follow from the columns' semantic types.
    """

    name: str
    description: str
    path: str
    format: FileFormat
    compression: Literal["auto", "gzip", "none"] = "auto"
    delimiter: str = ","
    key: list[str]
    mode: LoadMode = LoadMode.APPEND
    max_rejected_rows: int | None = None
    expendable_rows: dict[str, list[str]] = Field(default_factory=dict)
    columns: dict[str, Column]
    expectations: list[Expectation] = Field(default_factory=list)

    @field_validator("name")
    @classmethod
    def _is_a_plain_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(f"'{value}' is no name: small letters, digits and underscores")
        return value

    @field_validator("path")
    @classmethod
    def _stays_in_landing(cls, value: str) -> str:
        if value.count(LANDING_DAY) != 1:
            raise ValueError(f"the path '{value}' must hold {LANDING_DAY} exactly once")
        if value.startswith("/") or ".." in value.split("/") or "**" in value:
            raise ValueError(f"the path '{value}' must stay below landing/, without '..' or '**'")
        return value

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        if len(value) != 1 or value in '"\r\n':
            raise ValueError(f"'{value}' cannot delimit values: one character, no quote")
        return value

    @field_validator("max_rejected_rows")
    @classmethod
    def _is_a_number_of_rows(cls, value: int | None) -> int | None:
        if value is not None and value < 0:
            raise ValueError(f"max_rejected_rows is {value}; rows can be counted from 0")
        return value

    @field_validator("columns")
    @classmethod
    def _are_plain_names(cls, value: dict[str, Column]) -> dict[str, Column]:
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"'{name}' is no column name: small letters, digits and underscores, "
                    "a letter first (what begins with '_' is ours)"
                )
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if not self.key:
            raise ValueError(f"table {self.name}: declare the `key`, the columns that name a row")
        for name in self.key:
            if name not in self.columns:
                raise ValueError(f"table {self.name}: key column '{name}' is not declared")
            if self.columns[name].unreadable_as is not None:
                raise ValueError(
                    f"table {self.name}: key column '{name}' cannot have `unreadable_as`; "
                    "rows that lost their keys would pass for one"
                )
        self._check_expendable_rows()
        known = {*self.columns, LANDED_ON, LANDED_BEFORE}
        for expectation in self.expectations:
            for name in expectation.columns:
                if name not in known:
                    raise ValueError(
                        f"table {self.name}: {expectation.type} names the column '{name}', "
                        "which is not declared"
                    )
        return self

    def _check_expendable_rows(self) -> None:
        if self.expendable_rows and self.max_rejected_rows is None:
            raise ValueError(
                f"table {self.name}: `expendable_rows` are those that `max_rejected_rows` does "
                "not count, so declare that limit too"
            )
        for name, values in self.expendable_rows.items():
            if name not in self.columns or self.columns[name].type != "string":
                raise ValueError(
                    f"table {self.name}: `expendable_rows` names '{name}', "
                    "which is no declared column of type string"
                )
            if not all(value.strip() for value in values):
                raise ValueError(
                    f"table {self.name}: `expendable_rows` names a blank for '{name}'; "
                    "what a row does not say cannot tell that it is expendable"
                )

    @property
    def must_be_complete(self) -> bool:
        """Whether nobody may act on the table when some of what landed is not in it."""
        return self.max_rejected_rows is not None

    @property
    def required_columns(self) -> list[str]:
        """Columns that may not be empty."""
        return [
            name for name, column in self.columns.items() if not column.nullable or name in self.key
        ]

    @property
    def all_expectations(self) -> list[Expectation]:
        """What is declared, and what follows from semantic types and was not declared otherwise."""
        declared = {(one.type, tuple(one.columns)) for one in self.expectations}
        following = [
            Expectation(
                type=default.type,
                kwargs=default.kwargs_for(name),
                severity=default.severity,
                description=default.description.format(column=name),
            )
            for name, column in self.columns.items()
            if column.semantic_type is not None
            for default in SEMANTIC_TYPES[column.semantic_type].expectations
        ]
        return [
            *self.expectations,
            *(one for one in following if (one.type, tuple(one.columns)) not in declared),
        ]

    def raw_name(self, source: str) -> str:
        """The table's name in `raw`."""
        return f"{source}__{self.name}"
