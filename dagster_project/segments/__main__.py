"""Looking at a segment before it is built: `python -m dagster_project.segments preview`.

Belongs here: the command's options and what is printed. Does not belong here: what is computed
(`preview`).
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from dagster_project.engine import WarehouseLockedError, open_warehouse
from dagster_project.home import ENVIRONMENT_VARIABLE, Home
from dagster_project.segments.preview import Preview, newest_day, preview
from dagster_project.segments.source_sql import PreviewError, compile_segment, find_segment


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a segment would hold.

    Args:
        arguments: The command line; that of the process by default.

    Returns:
        The exit status: 0 when the segment could be previewed.
    """
    options = _options(arguments)
    console = Console(file=sys.stdout)
    try:
        segment = find_segment(options.segment)
        home = Home.from_environment()
        if not home.warehouse.exists():
            raise PreviewError(
                f"There is no warehouse {home.warehouse}. Let {ENVIRONMENT_VARIABLE} name the "
                "folder of your deployment, and run the pipeline once."
            )
        # Opened twice, so that nobody waits for us while dbt compiles.
        with open_warehouse(home.warehouse, read_only=True) as connection:
            as_of = options.as_of or newest_day(connection)
        with console.status("dbt compiles the segment"):
            compiled = compile_segment(segment, as_of, home)
        with open_warehouse(home.warehouse, read_only=True) as connection:
            found = preview(connection, segment, compiled, as_of)
    except (PreviewError, WarehouseLockedError) as error:
        console.print("[bold red]Stopped:[/]", end=" ")
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    _print(console, segment.name, found)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dagster_project.segments",
        description="Look at segments before they are built. No table is written.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "preview",
        help="how many people a segment would hold, condition by condition, and who they are",
        description=(
            "Prints the size and share of a segment, how many people each of its conditions "
            "leaves, how it overlaps with existing segments, and typical members: those near the "
            "middle in the features that the conditions read. Reads the warehouse in the folder "
            f"that {ENVIRONMENT_VARIABLE} names (default: data) and waits while it is locked. What "
            "is asked about behaviour is computed on the spot. What is declared beside the SQL "
            "(minimum dwell, family, end) changes nothing here."
        ),
    )
    command.add_argument(
        "segment",
        metavar="SEGMENT",
        help="the name of a segment of the project, or a file with SQL",
    )
    command.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="DATE",
        help="the day, as YYYY-MM-DD (default: the newest one that features were built for)",
    )
    return parser.parse_args(arguments)


def _print(console: Console, name: str, found: Preview) -> None:
    console.print(
        f"{name} on {found.as_of}: {found.size:,} of {found.population:,} people, "
        f"{_share(found.size, found.population)}",
        highlight=False,
    )
    if not found.population:
        console.print("Nobody was known on that day.")
    steps = _table("what is asked, one after the other", "people left", "share left")
    steps.add_row("everybody", f"{found.population:,}", _share(found.population, found.population))
    for words, left in found.steps:
        steps.add_row(words, f"{left:,}", _share(left, found.population))
    console.print(steps)
    overlaps = _table("existing segment", "people", "in both", "of this one", "of that one")
    for one in found.overlaps:
        overlaps.add_row(
            one.segment,
            f"{one.members:,}",
            f"{one.shared:,}",
            _share(one.shared, found.size),
            _share(one.shared, one.members),
        )
    console.print(overlaps)
    if found.typical_members:
        console.print(f"Typical members: {', '.join(found.typical_members)}", highlight=False)


def _table(*headings: str) -> Table:
    table = Table()
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main())
