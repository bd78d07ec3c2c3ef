"""What the demo prints when its runs are done: tables that a person likes to read.

Belongs here: reading results from the warehouse and laying them out. Does not belong here:
computing any of them.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dagster_project.demo.retailer import Retailer
from dagster_project.engine import open_warehouse
from dagster_project.home import Home
from dagster_project.resolution.scores import Scores, read_scores

DeliveredRows = Mapping[tuple[str, str], int]
"""Accepted rows of the sync log by audience and action."""


def delivered_rows(home: Home) -> DeliveredRows:
    """Count what destinations have accepted so far, by audience and action."""
    if not home.warehouse.exists():
        return {}
    with open_warehouse(home.warehouse, read_only=True) as connection:
        if (
            "sync_log"
            not in connection.con.sql(
                "select table_name from information_schema.tables where table_schema = 'activation'"
            )
            .df()["table_name"]
            .tolist()
        ):
            return {}
        counted = connection.con.sql(
            """
            select audience, action, count(*)
            from activation.sync_log
            where outcome = 'accepted'
            group by all
            """
        ).fetchall()
    return {(audience, action): rows for audience, action, rows in counted}


def print_report(
    console: Console, home: Home, retailer: Retailer, delivered_before: DeliveredRows
) -> None:
    """Print sources, people, segments, audiences, and where to look next.

    Args:
        console: Where to print.
        home: The deployment.
        retailer: Whose files were run.
        delivered_before: What destinations had accepted before these runs.
    """
    delivered = delivered_rows(home)
    with open_warehouse(home.warehouse, read_only=True) as connection:
        query = connection.con.sql
        sources = query(_SOURCES).fetchall()
        people = query("select count(*), count(distinct profile_id) from identity.identity_map")
        records, profiles = people.fetchall()[0]
        scores = read_scores(connection)
        segments = query(_SEGMENTS).fetchall()
        audiences = query(_AUDIENCES).fetchall()
    console.print(_table("Sources", _SOURCE_HEADINGS, sources))
    console.print(
        f"\n[bold]People[/]  {records:,} records are {profiles:,} profiles; "
        f"the retailer has {retailer.people:,} people.{_verdict(scores)}\n",
        highlight=False,
    )
    console.print(_table(f"Segments on {retailer.until}", _SEGMENT_HEADINGS, segments))
    console.print(
        _table(
            "Audiences, with what these runs delivered",
            ["audience", "members", "added", "removed"],
            [
                (
                    audience,
                    members,
                    *(
                        delivered.get((audience, action), 0)
                        - delivered_before.get((audience, action), 0)
                        for action in ("add", "remove")
                    ),
                )
                for audience, members in audiences
            ],
        )
    )
    # The command beside the interpreter: nobody has to activate the virtual environment.
    dagster = Path(sys.executable).with_name("dagster")
    console.print(
        "\n[bold]Where to look next[/]\n"
        "  the graph, runs and checks   "
        f"SEGMENTATION_HOME='{home.root}' DAGSTER_HOME='{home.dagster}' {dagster} dev\n"
        f"  the warehouse                {home.warehouse}\n"
        f"  the published copy           {home.published}\n"
        f"  the audiences' files         {home.audiences}",
        highlight=False,
        soft_wrap=True,
    )


_SOURCE_HEADINGS = ["source", "files", "rows", "rejected"]
_SOURCES = """
    select
        source || '/' || table_name as source_table,
        count(*) as files,
        sum(rows_loaded)::bigint as rows_loaded,
        sum(rows_rejected)::bigint as rows_rejected
    from raw.loads
    group by all
    order by source_table
"""

_SEGMENT_HEADINGS = ["segment", "customers", "of all", "of this month's sales", "growth this month"]
_SEGMENTS = """
    select segment, customers_end, customer_share, sales_share, growth_rate
    from metrics.segment_metrics
    where period_grain = 'month'
        and as_of = (select max(as_of) from metrics.segment_metrics)
    order by customers_end desc, segment
"""

_AUDIENCES = """
    select sync.audience, count(member.profile_id) as members
    from (select distinct audience from activation.sync_log) as sync
    left join activation.audience_members as member using (audience)
    group by all
    order by sync.audience
"""


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for position, heading in enumerate(headings):
        # Names are shown whole; in a narrow terminal the other headings take more lines.
        is_name = position == 0
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=is_name)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def _verdict(scores: Sequence[Scores]) -> str:
    by_scope = {one.scope: one for one in scores if one.evidence == "truth"}
    everything, named = by_scope["all records"], by_scope["named records"]
    if everything.recall is None:
        return ""
    return (
        f" Of the pairs of records that were joined, {_percentage(everything.precision)} are one "
        f"person (precision); of the pairs that are one person, {_percentage(everything.recall)} "
        "were joined (recall). Where both records state a name, these are "
        f"{_percentage(named.precision)} and {_percentage(named.recall)}."
    )


def _percentage(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"
