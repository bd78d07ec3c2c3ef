"""The assets of the stage `metrics` in Dagster, on a warehouse made by hand."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.metrics.assets import build_metrics
from dagster_project.engine import open_warehouse
from dagster_project.measurement.builds import record_builds
from dagster_project.resources import Warehouse
from dagster_project.segments.declarations import Goal, Segment

SEGMENTS = ["all_customers", "champions"]
DECLARED = [
    Segment(
        name=name,
        description="Some.",
        owner="marketing",
        kind="dynamic",
        goal=Goal(metric="sales", at_least=1, by=date(2026, 6, 30)),
        review_on=date(2026, 7, 1),
    )
    for name in SEGMENTS
]
_SNAPSHOTS = """
    create schema segments;
    create schema conformed;
    create schema identity;
    create schema profiles;
    create table profiles.profiles as
    select unnest(['a', 'b']) as profile_id, date '2026-06-29' as first_seen_on;
    create table segments.all_customers as
    select unnest(['a', 'b']) as profile_id, unnest(range(date '2026-06-29', date '2026-07-03',
        interval 1 day))::date as as_of limit 0;
    insert into segments.all_customers
    select profile_id, as_of::date
    from (values ('a'), ('b')) as profiles (profile_id)
    cross join range(date '2026-06-29', date '2026-07-03', interval 1 day) as days (as_of);
    create table segments.champions as
    from segments.all_customers where profile_id = 'a' or as_of >= date '2026-07-02';
    create table conformed.orders as
    select 'crm__customers:a' as record_id, date '2026-07-01' as ordered_on,
        25.0::decimal(12, 2) as sales_amount;
    create table identity.profile_aliases as
    select profile_id, profile_id as current_profile_id, true as is_current
    from (values ('a'), ('b')) as issued (profile_id);
    create table identity.identity_map as
    select 'crm__customers:a' as record_id, 'a' as profile_id;
    create table identity.identity_history as
    select 'crm__customers:a' as record_id, 1 as revision, 'a' as profile_id,
        null::varchar as previous_profile_id;
"""
_MERGE = """
    update identity.profile_aliases set current_profile_id = 'b', is_current = false
    where profile_id = 'a';
    update identity.identity_map set profile_id = 'b';
    insert into identity.identity_history values ('crm__customers:a', 2, 'b', 'a');
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.con.execute(_SNAPSHOTS)
        record_builds(connection, SEGMENTS, [date(2026, 6, 27) + timedelta(n) for n in range(6)])
    return Warehouse(path=str(path))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def run(
    warehouse: Warehouse,
    instance: dg.DagsterInstance,
    first: date,
    last: date,
    segments: Sequence[Segment] = DECLARED,
) -> dg.ExecuteInProcessResult:
    definitions = build_metrics(segments)
    return dg.materialize(
        [*definitions.assets, *definitions.asset_checks],
        instance=instance,
        resources={"warehouse": warehouse},
        tags={
            "dagster/asset_partition_range_start": first.isoformat(),
            "dagster/asset_partition_range_end": last.isoformat(),
        },
    )


def test_a_range_of_days_is_one_run_and_its_checks_pass(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    result = run(warehouse, instance, date(2026, 6, 29), date(2026, 7, 2))
    evaluations = result.get_asset_check_evaluations()
    assert {check.check_name: check.passed for check in evaluations} == {
        "intervals_are_apart": True,
        "members_are_profiles": True,
        "segments_are_reviewed": False,
        "segments_have_not_ended": True,
        "somebody_is_known": True,
        "goals_are_ahead": False,
        "change_adds_up": True,
    }
    with warehouse.connect() as connection:
        rows = connection.con.execute("from metrics.segment_memberships order by all").fetchall()
    assert rows == [
        ("all_customers", "a", date(2026, 6, 29), None),
        ("all_customers", "b", date(2026, 6, 29), None),
        ("champions", "a", date(2026, 6, 29), None),
        ("champions", "b", date(2026, 7, 2), None),
    ]


def test_the_run_tells_row_counts_and_the_newest_metrics(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    result = run(warehouse, instance, date(2026, 6, 29), date(2026, 7, 2))
    metadata = {
        event.asset_key.path[-1]: event.step_materialization_data.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key and event.partition == "2026-07-02"
    }
    assert metadata["segment_memberships"]["dagster/row_count"].value == 4
    # Four days, three grains, two segments.
    assert metadata["segment_metrics"]["dagster/row_count"].value == 24
    table = metadata["segment_metrics"]["newest day"].value
    assert "| champions | 2 | 100.0% | 1 | 0 | 100.0% | 100.0% | 25 | 100.0% | 1 | 25.00 |" in table


def test_a_range_that_begins_before_the_first_customer_is_evaluated(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    assert run(warehouse, instance, date(2026, 6, 27), date(2026, 6, 30)).success
    with warehouse.connect() as connection:
        first = connection.con.execute(
            "select min(as_of) from metrics.segment_evaluations"
        ).fetchone()
    assert first == (date(2026, 6, 27),)


@pytest.mark.parametrize("first", ["segment_memberships", "segment_metrics", "segment_overlaps"])
def test_past_days_follow_a_merge_whichever_asset_runs_first(
    warehouse: Warehouse, instance: dg.DagsterInstance, first: str
) -> None:
    day = date(2026, 7, 2)
    run(warehouse, instance, date(2026, 6, 29), day)
    with warehouse.connect() as connection:
        connection.con.execute(_MERGE)
    result = dg.materialize(
        build_metrics(DECLARED).assets or [],
        instance=instance,
        resources={"warehouse": warehouse},
        partition_key=day.isoformat(),
        selection=[dg.AssetKey(["metrics", first])],
    )
    assert result.success
    with warehouse.connect() as connection:
        figures = connection.con.execute(
            """
            select distinct segment, customers_end, sales, sales_share
            from metrics.segment_metrics where as_of = '2026-07-01' order by all
            """
        ).fetchall()
    assert figures == [("all_customers", 1, 25, 1), ("champions", 1, 25, 1)]


def test_members_without_a_profile_are_a_warning(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    with warehouse.connect() as connection:
        connection.con.execute("delete from profiles.profiles where profile_id = 'b'")
    result = run(warehouse, instance, date(2026, 6, 29), date(2026, 7, 2))
    evaluations = result.get_asset_check_evaluations()
    (check,) = (found for found in evaluations if found.check_name == "members_are_profiles")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.metadata["members without a profile"].value == 1


def test_reviews_ends_and_goals_whose_day_has_passed_are_warnings_of_the_day_that_is_run(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    everybody, champions = DECLARED
    ended = champions.model_copy(
        update={"kind": "ad_hoc", "review_on": None, "ends_on": date(2026, 6, 30)}
    )
    for last, expected in (
        (date(2026, 6, 30), (0, 0, 0)),
        (date(2026, 7, 2), (1, 1, 2)),
    ):
        names = ("segments_are_reviewed", "segments_have_not_ended", "goals_are_ahead")
        result = run(warehouse, instance, date(2026, 6, 29), last, [everybody, ended])
        found = {
            check.check_name: check
            for check in result.get_asset_check_evaluations()
            if check.check_name in names
        }
        assert tuple(found[name].metadata["segments"].value for name in names) == expected
        assert {check.severity for check in found.values()} == {dg.AssetCheckSeverity.WARN}
    assert "| champions | marketing | 2026-06-30 |" in (
        found["segments_have_not_ended"].metadata["who"].value
    )
    assert "| champions | marketing | sales at least 1 by 2026-06-30 |" in (
        found["goals_are_ahead"].metadata["who"].value
    )


def test_members_are_kept_as_the_segment_declares(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    with warehouse.connect() as connection:
        connection.con.execute("delete from segments.champions where as_of > date '2026-06-29'")
        record_builds(
            connection, ["champions"], [date(2026, 6, 29) + timedelta(n) for n in range(4)]
        )
    everybody, champions = DECLARED
    staying = champions.model_copy(update={"minimum_days": 3})
    run(warehouse, instance, date(2026, 6, 29), date(2026, 7, 2), [everybody, staying])
    with warehouse.connect() as connection:
        rows = connection.con.execute(
            "from metrics.segment_memberships where segment = 'champions'"
        ).fetchall()
    assert rows == [("champions", "a", date(2026, 6, 29), date(2026, 7, 2))]


def test_a_day_that_was_not_built_fails_the_run_with_a_remedy(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    with pytest.raises(Exception, match="Materialize segments/all_customers"):
        run(warehouse, instance, date(2026, 7, 3), date(2026, 7, 3))
