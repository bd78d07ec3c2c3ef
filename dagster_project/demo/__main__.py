"""The main job on the demo retailer: `python -m dagster_project.demo`.

Belongs here: the command's options and the order of its steps. Does not belong here: the retailer
(`generator`), the runs (`runs`) and what is printed at the end (`report`).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from rich.console import Console

from dagster_project.demo.report import delivered_rows, print_report
from dagster_project.demo.retailer import RetailerConflictError, land_retailer
from dagster_project.demo.runs import DemoRunError, run_demo
from dagster_project.home import Home
from dagster_project.instance import prepare_instance
from dagster_project.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the retailer, run the job up to two month ends and the newest day, print the results.

    Args:
        arguments: The command line; that of the process by default.

    Returns:
        The exit status: 0 when all runs went well.
    """
    options = _options(arguments)
    console = Console(file=sys.stdout)
    home = Home.from_environment()
    os.environ["DAGSTER_HOME"] = str(prepare_instance(home))
    try:
        with console.status("Making the retailer's files"):
            retailer = land_retailer(
                home,
                until=options.until,
                customers=options.customers,
                days=options.days,
                seed=options.seed,
                score_identity=options.score_identity,
            )
        console.print(retailer.sentence())
        delivered_before = delivered_rows(home)
        run_demo(console, home, retailer)
    except (SettingsError, RetailerConflictError, DemoRunError) as error:
        console.print(f"[bold red]Stopped:[/] {error}", highlight=False)
        return 1
    print_report(console, home, retailer, delivered_before)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dagster_project.demo",
        description="Run the whole pipeline on a retailer with real purchases and made-up people.",
    )
    parser.add_argument(
        "--until",
        type=_past_day,
        metavar="DATE",
        help="the last day of the data, as YYYY-MM-DD (default: yesterday, or what is there)",
    )
    parser.add_argument(
        "--customers",
        type=int,
        metavar="N",
        help="resample the households into this many people (default: the 2,469 real households)",
    )
    parser.add_argument(
        "--days", type=int, metavar="D", help="keep only this many days (default: the whole year)"
    )
    parser.add_argument(
        "--seed", type=int, default=42, metavar="S", help="what the people are made from (42)"
    )
    parser.add_argument(
        "--score-identity",
        action=argparse.BooleanOptionalAction,
        help=(
            "whether each run scores its identities by the truth about the made-up people, as "
            "`identity_truth` in settings.yaml says (default: as it was; at first, yes)"
        ),
    )
    return parser.parse_args(arguments)


def _past_day(text: str) -> date:
    day = date.fromisoformat(text)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    if day > yesterday:
        raise argparse.ArgumentTypeError(
            f"{text} is not over yet; the newest day that can be run is yesterday, {yesterday}"
        )
    return day


if __name__ == "__main__":
    sys.exit(main())
