"""Tables for people who look at the Dagster UI.

Belongs here: writing a table in Markdown. Does not belong here: what stands in one.
"""

from collections.abc import Iterable, Sequence


def markdown_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int = 0
) -> str:
    """Write a table; whole numbers get separators.

    Args:
        headings: What stands above the columns.
        rows: What stands in them.
        numbers: How many of the last columns hold numbers, and so stand to the right.
    """
    texts = len(headings) - numbers
    lines = [headings, [*["---"] * texts, *["---:"] * numbers], *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")
