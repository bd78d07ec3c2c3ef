"""What a load reports: counts, never values.

Belongs here: plain records that a caller may log or show as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

_MOST_DAYS_NAMED = 5


def first_few(days: Sequence[date]) -> str:
    """Name the first days of what may be a long list, and how many more there are."""
    named = ", ".join(day.isoformat() for day in days[:_MOST_DAYS_NAMED])
    more = len(days) - _MOST_DAYS_NAMED
    return f"{named} and {more:,} more" if more > 0 else named


@dataclass(frozen=True)
class ExpectationOutcome:
    """How one expectation came out.

    Attributes:
        label: The expectation in Great Expectations' vocabulary, with its arguments.
        severity: `critical`, `warning` or `info`.
        scope: Whether single rows or a landing day's whole table is judged.
        evaluated: How many rows, or landing days, were judged.
        failed: How many of them broke it.
    """

    label: str
    severity: str
    scope: Literal["row", "table"]
    evaluated: int
    failed: int


@dataclass(frozen=True)
class LoadResult:
    """What a load of a range of landing days did.

    Attributes:
        table: The table's name in `raw`.
        rows_read: Rows found in the files, unreadable ones included.
        rows_loaded: Rows that passed. For a table in replace mode, files that are older than what
            the table holds count too, though their rows are not visible.
        rows_rejected: Rows that went to `raw.rejected_rows`.
        rows_in_table: Rows that the table holds now, of all days.
        files: The files read, relative to the landing folder.
        outcomes: How each expectation came out.
        unknown_columns: Columns found in files, but not declared; they are kept out. Only some
            are named here, and none whose name may be data.
        more_unknown_columns: How many more there are.
        rejected_by_rule: For each rule, how many rows it rejected; a row may break several.
        replaced_by_rule: For each rule, how many values of loaded rows broke it and were replaced
            by the one declared for that.
        kept_days: Days that were loaded before and whose files are gone from landing; they keep
            their rows.
        missed_days: Days before the range with a landed file that was never loaded.
    """

    table: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_in_table: int = 0
    files: list[str] = field(default_factory=list)
    outcomes: list[ExpectationOutcome] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    more_unknown_columns: int = 0
    rejected_by_rule: dict[str, int] = field(default_factory=dict)
    replaced_by_rule: dict[str, int] = field(default_factory=dict)
    kept_days: list[date] = field(default_factory=list)
    missed_days: list[date] = field(default_factory=list)

    @property
    def has_findings(self) -> bool:
        """Whether a person should look at something: rows, values, columns, files."""
        return bool(
            self.rows_rejected
            or self.unknown_columns
            or self.more_unknown_columns
            or self.replaced_by_rule
            or self.kept_days
            or self.missed_days
            or any(outcome.failed for outcome in self.outcomes if outcome.severity != "info")
        )
