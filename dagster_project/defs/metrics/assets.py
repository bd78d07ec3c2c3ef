"""The tables of the stage `metrics` as Dagster assets, and checks of what must hold of them.

Belongs here: what they wait for and what the UI says of them. Does not belong here: any computation
(`dagster_project.measurement`), and any segment's name: segments are those of the dbt project.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from dagster_project.home import Home
from dagster_project.markdown import markdown_table
from dagster_project.measurement.builds import count_members_built
from dagster_project.measurement.invariants import (
    count_broken_memberships,
    count_members_without_profile,
    count_unbalanced_metrics,
)
from dagster_project.measurement.memberships import refresh_memberships
from dagster_project.measurement.merges import follow_merges
from dagster_project.measurement.overlaps import refresh_segment_overlaps
from dagster_project.measurement.period_metrics import refresh_segment_metrics
from dagster_project.measurement.policies import MembershipPolicy
from dagster_project.measurement.report import metrics_as_markdown, overlaps_as_markdown
from dagster_project.measurement.tables import ALL_CUSTOMERS, metric_names
from dagster_project.partitions import SINGLE_RUN, as_of_days, daily_partitions
from dagster_project.resources import Warehouse
from dagster_project.segments.declarations import Segment, read_segments
from dagster_project.transformation import dbt_project, read_manifest

_PROFILES = dg.AssetKey(["profiles", "profiles"])
_MEMBERSHIPS = dg.AssetKey(["metrics", "segment_memberships"])
_METRICS = dg.AssetKey(["metrics", "segment_metrics"])
_OVERLAPS = dg.AssetKey(["metrics", "segment_overlaps"])
# What past days read when they follow merges of profiles. Whichever asset runs first does that for
# all tables, since a figure that was made in between would be changed by what it holds already.
_FOLLOWED = [
    dg.AssetKey(["identity", "profile_aliases"]),
    dg.AssetKey(["identity", "identity_history"]),
    dg.AssetKey(["identity", "identity_map"]),
    dg.AssetKey(["conformed", "orders"]),
]
_REVIEWS = "segments_are_reviewed"
_ENDS = "segments_have_not_ended"
_KNOWN = "somebody_is_known"
_GOALS = "goals_are_ahead"


@dg.definitions
def metrics() -> dg.Definitions:
    """Make the assets for the segments of the dbt project."""
    manifest = read_manifest(dbt_project(Home.from_environment()))
    return build_metrics(read_segments(manifest, metric_names()))


def build_metrics(segments: Sequence[Segment]) -> dg.Definitions:
    """Make the assets for segments.

    Args:
        segments: What is declared of the segments, each an asset `segments/<name>`.
    """
    names = [segment.name for segment in segments]
    policies = {segment.name: _policy(segment) for segment in segments}

    @dg.asset(
        key=_MEMBERSHIPS,
        deps=[*_FOLLOWED, *(dg.AssetKey(["segments", name]) for name in names)],
        group_name="metrics",
        partitions_def=daily_partitions(),
        backfill_policy=SINGLE_RUN,
        pool="warehouse",
        owners=["team:data-engineering"],
        kinds={"duckdb", "ibis"},
        description=(
            "Who belonged to which segment from when until when: `segment`, `profile_id`, "
            "`entered_on`, `exited_on` (the first day of absence; null while a member). Members "
            "are whom the rule names, for the declared minimum of days, and in one segment of a "
            "family alone. The same whatever the order in which days are run; profiles that were "
            "merged are one person on every day, here and in the metrics and overlaps of past "
            "days. Together with it are kept "
            "`metrics.segment_rule_memberships`, whom the rules named, and "
            "`metrics.segment_evaluations`: the days that it accounts for, by segment, with what "
            "was declared when each was last run."
        ),
        check_specs=[
            dg.AssetCheckSpec(
                _REVIEWS,
                asset=_MEMBERSHIPS,
                description="No segment's review was due before the newest day of the run.",
            ),
            dg.AssetCheckSpec(
                _ENDS,
                asset=_MEMBERSHIPS,
                description="No ad hoc segment ended before the newest day of the run.",
            ),
            dg.AssetCheckSpec(
                _KNOWN,
                asset=_MEMBERSHIPS,
                description=(
                    "Somebody was known on the newest day of the run. On a day before the first "
                    "customer nobody is; later, look whether sources landed."
                ),
            ),
            dg.AssetCheckSpec(
                _GOALS,
                asset=_MEMBERSHIPS,
                description=(
                    "No segment's goal was for a day before the newest day of the run: whether it "
                    "was reached, `metrics.segment_metrics` says; then it needs a new one."
                ),
            ),
        ],
    )
    def segment_memberships(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
        days = as_of_days(context)
        with warehouse.connect() as connection:
            merged = follow_merges(connection)
            refresh = refresh_memberships(connection, names, days, policies)
            known = count_members_built(connection, ALL_CUSTOMERS, days[-1])
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": refresh.intervals,
                "current members": refresh.current_members,
                "intervals added": refresh.added,
                "intervals removed": refresh.removed,
                "profiles merged since the last run": merged,
            }
        )
        # By the day that was run, not by the clock.
        due = [one for one in segments if one.is_due_for_review(days[-1])]
        yield _warning(_REVIEWS, "review was due on", due, [one.review_on for one in due])
        over = [one for one in segments if one.is_over(days[-1])]
        yield _warning(_ENDS, "ended on", over, [one.ends_on for one in over])
        yield dg.AssetCheckResult(
            check_name=_KNOWN,
            passed=known > 0,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"customers": known},
        )
        late = [one for one in segments if one.is_past_its_goal(days[-1])]
        goals = [f"{one.goal} by {one.goal.by}" for one in late if one.goal]
        yield _warning(_GOALS, "goal", late, goals)

    @dg.asset(
        key=_METRICS,
        deps=[_MEMBERSHIPS, ["conformed", "orders"], ["identity", "identity_map"]],
        group_name="metrics",
        partitions_def=daily_partitions(),
        backfill_policy=SINGLE_RUN,
        pool="warehouse",
        owners=["team:data-engineering"],
        kinds={"duckdb", "ibis"},
        description=(
            "Size, change and sales of each segment in the week, month and quarter up to a day. "
            "Sales are those of the people who are members at the end, and read today's orders. "
            "What cannot be computed is null."
        ),
    )
    def segment_metrics(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> dg.MaterializeResult[None]:
        days = as_of_days(context)
        with warehouse.connect() as connection:
            follow_merges(connection)
            refresh = refresh_segment_metrics(connection, days)
            newest = metrics_as_markdown(connection)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": refresh.rows,
                "days computed": refresh.days,
                "newest day": dg.MetadataValue.md(newest),
            }
        )

    @dg.asset(
        key=_OVERLAPS,
        deps=[_MEMBERSHIPS],
        group_name="metrics",
        partitions_def=daily_partitions(),
        backfill_policy=SINGLE_RUN,
        pool="warehouse",
        owners=["team:data-engineering"],
        kinds={"duckdb", "ibis"},
        description=(
            "How many members two segments share on a day, from each one's side: the share of its "
            "own members (`shared_share`), and how many times the other one's share of all "
            "customers that is (`lift`). Pairs that share nobody have no row."
        ),
    )
    def segment_overlaps(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> dg.MaterializeResult[None]:
        with warehouse.connect() as connection:
            follow_merges(connection)
            rows = refresh_segment_overlaps(connection, as_of_days(context))
            closest = overlaps_as_markdown(connection)
        return dg.MaterializeResult(
            metadata={"dagster/row_count": rows, "closest pairs": dg.MetadataValue.md(closest)}
        )

    @dg.asset_check(
        asset=_MEMBERSHIPS,
        pool="warehouse",
        description="No interval of a member overlaps or touches another one, or has no length.",
    )
    def intervals_are_apart(warehouse: Warehouse) -> dg.AssetCheckResult:
        with warehouse.connect() as connection:
            broken = count_broken_memberships(connection)
        return dg.AssetCheckResult(passed=broken == 0, metadata={"broken intervals": broken})

    @dg.asset_check(
        asset=_MEMBERSHIPS,
        additional_deps=[_PROFILES],
        pool="warehouse",
        description=(
            "Everybody who is in a segment on the newest day is a profile. After identities were "
            "resolved anew, run the newest day again: sales are not found for whoever is not."
        ),
    )
    def members_are_profiles(warehouse: Warehouse) -> dg.AssetCheckResult:
        with warehouse.connect() as connection:
            unknown = count_members_without_profile(connection)
        return dg.AssetCheckResult(
            passed=unknown == 0,
            # A warning: rerunning an old day may resolve identities anew, and is right to do so.
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"members without a profile": unknown},
        )

    @dg.asset_check(
        asset=_METRICS,
        pool="warehouse",
        description="Customers at the start, plus entered, less exited, are those at the end.",
    )
    def change_adds_up(warehouse: Warehouse) -> dg.AssetCheckResult:
        with warehouse.connect() as connection:
            unbalanced = count_unbalanced_metrics(connection)
        return dg.AssetCheckResult(passed=unbalanced == 0, metadata={"unbalanced rows": unbalanced})

    return dg.Definitions(
        assets=[segment_memberships, segment_metrics, segment_overlaps],
        asset_checks=[intervals_are_apart, members_are_profiles, change_adds_up],
    )


def _policy(segment: Segment) -> MembershipPolicy:
    return MembershipPolicy(
        minimum_days=segment.minimum_days,
        family=segment.family,
        priority=segment.priority,
        ends_on=segment.ends_on,
    )


def _warning(
    check: str, heading: str, segments: Sequence[Segment], passed: Sequence[date | str | None]
) -> dg.AssetCheckResult:
    """Warn of segments of which a day has passed, if there are any."""
    rows = [(one.name, one.owner, what) for one, what in zip(segments, passed, strict=True)]
    table = markdown_table(("segment", "owner", heading), rows)
    listed = {"who": dg.MetadataValue.md(table)} if rows else {}
    return dg.AssetCheckResult(
        check_name=check,
        passed=not rows,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"segments": len(rows), **listed},
    )
