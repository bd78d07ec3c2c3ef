"""Past days follow merges of profiles: who was two people counts as one, on all days.

Once two profiles turn out to be one person, the intervals of both become those of that person, and
what was counted of past days becomes what it would be, had they been one from the beginning. A day
is not counted anew for that, let alone all of them: everything in `metrics.segment_metrics` and
`metrics.segment_overlaps` is a sum over people, or follows from such sums. So what the merged
profiles added as they were is taken away, what they add as they are is added, and shares and rates
are made from the sums again.

What an id bought before is what the records bought that were its own before the first of the merges
that are followed: `identity.identity_history` knows. Where other orders are known of a period than
were counted, as when a source joins whose orders are old, a difference would be of two states: such
a period is counted anew. A record that was moved without a merge changes a day when it is run
again. Where a day is not computed at all, nothing appears.

Belongs here: changing all tables of past days in one transaction, so that they never disagree on
who is one person. Does not belong here: deciding who is one person (the stage `identity`), finding
ids that were given up (`aliases`), and how a day is counted (`period_metrics`, `overlaps`).
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from dagster_project.engine import staged, transaction
from dagster_project.measurement.aliases import given_up_ids, merged_intervals
from dagster_project.measurement.intervals import Stretch, stretch_of
from dagster_project.measurement.memberships import count_members_on, members_on
from dagster_project.measurement.overlaps import PAIR, count_shared, overlaps_of
from dagster_project.measurement.period_metrics import (
    CELL,
    FIGURES,
    PERIOD,
    daily_sales,
    figures_of,
    identity_map,
    periods_up_to,
    with_rates,
)
from dagster_project.measurement.policies import held_members
from dagster_project.measurement.tables import (
    ALL_CUSTOMERS,
    SCHEMA,
    create_tables,
    evaluations_table,
    memberships_table,
    metrics_table,
    nullable,
    overlaps_table,
    rule_memberships_table,
)

_Stage = Callable[[str, ir.Table], ir.Table]
"""Computes rows once, into a table of that name that lasts until all is written."""


def follow_merges(connection: Backend) -> int:
    """Let all tables hold what they would, had merged profiles been one from the beginning.

    Once that is done, no table names an id that was given up, so doing it again changes nothing.

    Args:
        connection: The warehouse.

    Returns:
        How many profiles there are into which others were merged since the last time.
    """
    create_tables(connection)
    with ExitStack() as stages:

        def stage(name: str, rows: ir.Table) -> ir.Table:
            return stages.enter_context(staged(connection, name, rows))

        given_up = stage("given_up_ids", given_up_ids(connection))
        merged = stage(
            "merged_profiles", given_up.select(profile_id=_.current_profile_id).distinct()
        )
        if not (profiles := int(merged.count().execute())):
            return 0
        ids = stage("merged_ids", merged.union(given_up.select("profile_id")))
        evaluations = evaluations_table(connection)
        memberships = memberships_table(connection)
        named = stage(
            "named_as_one",
            merged_intervals(
                connection, rule_memberships_table(connection).semi_join(ids, "profile_id")
            ),
        )
        apart = stage("members_apart", memberships.semi_join(ids, "profile_id"))
        every_day = Stretch(stage("every_day", stretch_of(evaluations, evaluations)))
        held = held_members(evaluations, named, evaluations)
        as_one = stage("members_as_one", every_day.intervals_after(apart.limit(0), held))

        changed = stage(
            "changed_figures", _changed_figures(connection, stage, given_up, apart, as_one)
        )
        by_now = memberships.anti_join(ids, "profile_id").union(as_one)
        metrics = stage("changed_metrics", _changed_metrics(connection, stage, changed, by_now))
        days, overlaps = _changed_overlaps(connection, stage, changed, apart, as_one, by_now)
        with transaction(connection):
            _replace(connection, "segment_rule_memberships", ids, ["profile_id"], named)
            _replace(connection, "segment_memberships", ids, ["profile_id"], as_one)
            _replace(connection, "segment_metrics", metrics, PERIOD, metrics)
            _replace(connection, "segment_overlaps", days, ["as_of"], overlaps)
        return profiles


def _changed_figures(
    connection: Backend, stage: _Stage, given_up: ir.Table, apart: ir.Table, as_one: ir.Table
) -> ir.Table:
    """By how much the figures of segments change, where they do. Grain: that of the metrics."""
    evaluations = evaluations_table(connection)
    periods = stage("all_periods", periods_up_to(evaluations))
    today = identity_map(connection).semi_join(given_up, [("profile_id", "current_profile_id")])
    people = {
        "apart": stage("people_apart", _people_before(connection, given_up, today)),
        "as_one": stage("people_as_one", today),
    }
    before, after = (
        figures_of(
            evaluations, periods, intervals, stage(f"sales_{how}", daily_sales(connection, records))
        )
        for (how, records), intervals in zip(people.items(), (apart, as_one), strict=True)
    )
    return _difference(before, after, CELL, FIGURES)


def _people_before(connection: Backend, given_up: ir.Table, today: ir.Table) -> ir.Table:
    """Which of the ids each record belonged to before the first of the merges that are followed.

    A record that belonged to none of them, as a new one, counts for its profile of today.
    """
    history = connection.table("identity_history", database="identity")
    first_merges = (
        history.join(given_up, [("previous_profile_id", "profile_id")])
        .group_by("previous_profile_id", "current_profile_id")
        .aggregate(given_up_in=_.revision.max())
        .group_by("current_profile_id")
        .aggregate(first_merge=_.given_up_in.min())
    )
    newest_first = ibis.window(group_by="record_id", order_by=ibis.desc("revision"))
    former = (
        history.select("record_id", "revision", former_profile_id=_.profile_id)
        .join(today, "record_id")
        .join(first_merges, [("profile_id", "current_profile_id")])
        .filter(_.revision < _.first_merge)
        .mutate(recency=ibis.row_number().over(newest_first))
        .filter(_.recency == 0)
        .semi_join(given_up, [("former_profile_id", "profile_id")])
        .select("record_id", "former_profile_id")
    )
    return today.left_join(former, "record_id").select(
        "record_id", profile_id=ibis.coalesce(_.former_profile_id, _.profile_id)
    )


def _changed_metrics(
    connection: Backend, stage: _Stage, changed: ir.Table, by_now: ir.Table
) -> ir.Table:
    """The rows of all segments in the periods in which any of them changes."""
    affected = metrics_table(connection).semi_join(changed, PERIOD)
    sales = stage("sales_by_now", daily_sales(connection, identity_map(connection)))
    outdated = stage("outdated_periods", _outdated_periods(affected, sales))
    anew = figures_of(evaluations_table(connection), outdated, by_now, sales)
    rows = (
        _metrics_by(changed, affected.anti_join(outdated, PERIOD)),
        with_rates(anew).semi_join(affected, CELL),
    )
    return ibis.union(*(nullable(part.select(affected.columns)) for part in rows))


def _outdated_periods(metrics: ir.Table, sales: ir.Table) -> ir.Table:
    """The periods of metrics in which everybody bought something else than was counted."""
    periods = periods_up_to(metrics)
    known = sales.group_by("ordered_on").aggregate(
        sales=_.sales.sum(), transactions=_.transactions.sum()
    )
    by_period = (
        periods.left_join(
            known,
            [known.ordered_on >= periods.period_start_on, known.ordered_on <= periods.as_of],
        )
        .group_by(periods.columns)
        .aggregate(
            sales=_.sales.sum().fill_null(0).cast("decimal(18, 2)"),
            transactions=_.transactions.sum().fill_null(0).cast("int64"),
        )
    )
    counted = metrics.filter(_.segment == ALL_CUSTOMERS)
    return by_period.anti_join(counted, [*PERIOD, "sales", "transactions"]).select(periods.columns)


def _metrics_by(changed: ir.Table, affected: ir.Table) -> ir.Table:
    """The rows of the affected periods, by what changes of them."""
    # What was not known stays unknown.
    figures = affected.left_join(changed, CELL).select(
        *CELL,
        "period_start_on",
        **{
            figure: (affected[figure] + changed[figure].fill_null(0)).cast(affected[figure].type())
            for figure in FIGURES
        },
    )
    return with_rates(figures)


def _changed_overlaps(  # noqa: PLR0917
    connection: Backend,
    stage: _Stage,
    changed: ir.Table,
    apart: ir.Table,
    as_one: ir.Table,
    by_now: ir.Table,
) -> tuple[ir.Table, ir.Table]:
    """The days on which overlaps change, and all their rows."""
    evaluated = evaluations_table(connection).select("segment", "as_of")
    overlaps = overlaps_table(connection)
    before, after = (
        count_shared(stage(f"days_{how}", members_on(intervals, evaluated)))
        for how, intervals in {"apart": apart, "as_one": as_one}.items()
    )
    shared = stage("changed_shares", _difference(before, after, PAIR, ["shared_customers"]))
    # A day on which no two segments share anybody has no rows, computed or not.
    computed = overlaps.select("as_of").union(metrics_table(connection).select("as_of"))
    changed_sizes = changed.filter(_.customers_end != 0).select("as_of")
    days = stage(
        "days_of_overlaps",
        changed_sizes.union(shared.select("as_of"), distinct=True).semi_join(computed, "as_of"),
    )
    told_once = overlaps.filter(_.segment < _.other_segment).select(*PAIR, "shared_customers")
    # Whether nobody was shared, or nobody looked, is not to be told: so all are counted.
    without_rows = days.anti_join(overlaps, "as_of")
    whole_days = stage(
        "days_without_overlaps",
        members_on(by_now, evaluated.semi_join(without_rows, "as_of")),
    )
    parts = (
        told_once.semi_join(days, "as_of"),
        shared.semi_join(days, "as_of").anti_join(without_rows, "as_of"),
        count_shared(whole_days),
    )
    counted = (
        ibis.union(*map(nullable, parts))
        .group_by(*PAIR)
        .aggregate(shared_customers=_.shared_customers.sum())
        .filter(_.shared_customers > 0)
    )
    sizes = stage("sizes_of_segments", count_members_on(by_now, evaluated.semi_join(days, "as_of")))
    return days, stage("changed_overlaps", overlaps_of(sizes, counted))


def _difference(
    before: ir.Table, after: ir.Table, key: Sequence[str], figures: Sequence[str]
) -> ir.Table:
    """What is added to figures from before to after, where anything is."""
    signed = ibis.union(
        before.select(*key, **{figure: -before[figure] for figure in figures}),
        after.select(*key, *figures),
    )
    return (
        signed.group_by(*key)
        .aggregate(**{figure: _[figure].sum() for figure in figures})
        .filter(ibis.or_(*(_[figure].fill_null(0) != 0 for figure in figures)))
    )


def _replace(
    connection: Backend, table: str, obsolete: ir.Table, key: Sequence[str], fresh: ir.Table
) -> None:
    """Take out of a table what is named by a key, and put rows into it."""
    named = " and ".join(f"kept.{column} = obsolete.{column}" for column in key)
    connection.con.execute(
        f"delete from metrics.{table} as kept using {obsolete.get_name()} as obsolete where {named}"
    )
    columns = fresh.columns
    connection.insert(table, fresh.order_by(*columns), database=SCHEMA)
