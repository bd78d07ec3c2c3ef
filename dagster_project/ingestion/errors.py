"""What can stop the load of a table.

Belongs here: errors whose text is written for the person who has to mend the file or the
declaration. Their texts name files, columns and rules, never a value: values may be personal.
"""

from collections.abc import Sequence

from dagster_project.ingestion.results import ExpectationOutcome


class TableRejectedError(Exception):
    """A table was not loaded; what it held before is untouched.

    Attributes:
        table: The table's name in `raw`, such as `crm__customers`.
        problems: One sentence for each problem: where, what, remedy.
        outcomes: How the expectations came out, as far as they were evaluated.
    """

    def __init__(
        self, table: str, problems: Sequence[str], outcomes: Sequence[ExpectationOutcome] = ()
    ) -> None:
        """Keep the problems apart as well as in the text."""
        self.table = table
        self.problems = list(problems)
        self.outcomes = list(outcomes)
        listed = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(f"raw.{table} was not loaded and keeps what it held.\n{listed}")
