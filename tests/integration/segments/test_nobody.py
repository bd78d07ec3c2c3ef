"""A day on which nobody is known: all that follows is empty, no error."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import dagster as dg
import duckdb
import pytest

from dagster_project.defs.metrics.assets import build_metrics
from dagster_project.engine import open_warehouse
from dagster_project.ingestion.raw_tables import Extent, prepare
from dagster_project.measurement.builds import record_builds
from dagster_project.measurement.tables import metric_names
from dagster_project.resources import Warehouse
from dagster_project.segments.declarations import Segment, read_segments
from dagster_project.segments.preview import newest_day, preview
from dagster_project.segments.source_sql import SegmentFile
from tests.benchmarks.building import declared_tables
from tests.integration.project_copy import ProjectCopy

pytestmark = pytest.mark.xdist_group("nobody")

DAY = date(2026, 11, 20)
_BY_DAY = "config.incremental_strategy:microbatch"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    made = ProjectCopy.lay_out(tmp_path_factory.mktemp("nobody"), "create schema features")
    with duckdb.connect(str(made.home.warehouse)) as connection:
        for source, table in declared_tables():
            prepare(connection, Extent(source, table, DAY, DAY))
    unchecked = ("--exclude-resource-type", "unit_test", "test")
    succeeded, output = made.dbt("build", *unchecked, "--exclude", _BY_DAY)
    assert succeeded, output
    # There is a catalogue, and a list, of whose members nobody is known.
    made.execute(
        """
        insert into conformed.products by name
        select concat_ws('-', category, brand_type) as product_id, category, brand_type
        from (values ('COFFEE'), ('SOFT DRINKS'), ('BAG SNACKS')) as categories (category)
        cross join (values ('Private'), ('National')) as brand_types (brand_type);
        insert into profiles.listed_members by name
        select 'staff' as list_name, 'a@shop.example' as member;
        """
    )
    days = ("--event-time-start", str(DAY), "--event-time-end", str(DAY + timedelta(1)))
    succeeded, output = made.dbt(
        "build", "--select", _BY_DAY, "--exclude-resource-type", "unit_test", *days
    )
    assert succeeded, output
    return made


@pytest.fixture(scope="module")
def segments(project: ProjectCopy) -> Sequence[Segment]:
    manifest = json.loads((project.home.dbt / "manifest.json").read_text())
    return read_segments(manifest, metric_names())


@pytest.fixture(scope="module")
def measured(project: ProjectCopy, segments: Sequence[Segment]) -> dg.ExecuteInProcessResult:
    """Memberships and metrics of the day, as a run makes them."""
    with open_warehouse(project.home.warehouse) as connection:
        record_builds(connection, [segment.name for segment in segments], [DAY])
    definitions = build_metrics(segments)
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*definitions.assets, *definitions.asset_checks],
            instance=instance,
            resources={"warehouse": Warehouse(path=str(project.home.warehouse))},
            tags={
                "dagster/asset_partition_range_start": DAY.isoformat(),
                "dagster/asset_partition_range_end": DAY.isoformat(),
            },
        )


def test_features_and_segments_have_no_rows(
    project: ProjectCopy, segments: Sequence[Segment]
) -> None:
    tables = project.rows(
        "select table_schema || '.' || table_name from information_schema.columns "
        "where table_schema in ('features', 'segments') and column_name = 'as_of'"
    )
    filled = {table for (table,) in tables if project.rows(f"select 1 from {table} limit 1")}
    # Which says what was asked about: nobody did it.
    assert filled == {"features.profile_behaviours"}
    assert project.rows(
        "select distinct profile_id, activity_count, unknown_products "
        "from features.profile_behaviours"
    ) == [("(everybody)", 0, None)]
    assert {f"segments.{segment.name}" for segment in segments} <= {table for (table,) in tables}


def test_metrics_say_nobody_and_leave_open_what_is_a_share_of_nobody(
    project: ProjectCopy, segments: Sequence[Segment], measured: dg.ExecuteInProcessResult
) -> None:
    assert measured.success
    assert project.rows("select count(*) from metrics.segment_memberships") == [(0,)]
    rows = project.rows(
        """
        select distinct
            customers_end, sales, transactions, customer_share, sales_share, transaction_share,
            average_transaction_value, growth_rate, retention_rate
        from metrics.segment_metrics
        """
    )
    assert rows == [(0, 0, 0, None, None, None, None, None, None)]
    grains = project.rows("select segment, count(*) from metrics.segment_metrics group by all")
    assert dict(grains) == {segment.name: 3 for segment in segments}


def test_a_check_warns_that_nobody_is_known(measured: dg.ExecuteInProcessResult) -> None:
    failed = [check for check in measured.get_asset_check_evaluations() if not check.passed]
    assert [(check.check_name, check.severity) for check in failed] == [
        ("somebody_is_known", dg.AssetCheckSeverity.WARN)
    ]


@pytest.mark.usefixtures("measured")
def test_a_preview_finds_nobody_on_a_day_that_was_built(project: ProjectCopy) -> None:
    sql = "select profile_id, as_of from features.profile_features where order_count_30d > 0"
    with open_warehouse(project.home.warehouse, read_only=True) as connection:
        assert newest_day(connection) == DAY
        found = preview(connection, SegmentFile("tried", project.root, sql), sql, DAY)
    assert (found.population, found.size, list(found.steps)) == (0, 0, [("order_count_30d > 0", 0)])
