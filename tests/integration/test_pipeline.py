"""The main job from raw files to audiences, as those who live with it see it."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from dagster_project import transformation
from dagster_project.defs.automation.jobs import STAGES
from dagster_project.demo.report import delivered_rows
from dagster_project.engine import open_warehouse
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.conftest import UNTIL, Deployment

pytestmark = pytest.mark.xdist_group("deployment")

DEFS = Path(__file__).parents[2] / "dagster_project" / "defs"

Fingerprints = Mapping[str, tuple[int, int]]


@pytest.fixture
def warehouse(deployment: Deployment):
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        yield connection.con


def fingerprints(deployment: Deployment) -> Fingerprints:
    """Count and hash the rows of every table, whatever their order."""
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        query = connection.con.sql
        tables = query(
            """
            select table_schema || '.' || table_name
            from information_schema.tables
            where table_type = 'BASE TABLE'
            """
        ).fetchall()
        return {
            table: query(
                f"select count(*), coalesce(sum(hash(contents)), 0) from {table} as contents"
            ).fetchall()[0]
            for (table,) in tables
        }


def files(deployment: Deployment) -> Mapping[str, int]:
    audiences = deployment.home.audiences
    return {str(path): path.stat().st_mtime_ns for path in audiences.rglob("*") if path.is_file()}


def test_without_a_terminal_each_run_that_is_done_is_a_line(deployment: Deployment):
    lines = deployment.output.getvalue().splitlines()
    assert [line for line in lines if line.startswith("✓")] == [
        "✓ all files into raw",
        f"✓ raw to audiences, up to {UNTIL}",
    ]


def test_every_asset_is_selectable_under_its_key(deployment: Deployment, warehouse):
    keys = deployment.definitions.resolve_asset_graph().materializable_asset_keys
    stored = {
        tuple(row)
        for row in warehouse.sql(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    assert {tuple(key.path) for key in keys} - stored == {("published", "segmentation")}


def test_every_asset_tells_its_number_of_rows(deployment: Deployment):
    keys = deployment.definitions.resolve_asset_graph().materializable_asset_keys
    with deployment.active(), dg.DagsterInstance.get() as instance:
        silent = []
        for key in keys:
            event = instance.get_latest_materialization_event(key)
            assert event is not None, f"{key} was not materialised"
            if "dagster/row_count" not in event.asset_materialization.metadata:
                silent.append(key)
    assert silent == []


def test_no_check_failed(deployment: Deployment):
    with deployment.active(), dg.DagsterInstance.get() as instance:
        evaluations = [
            entry.dagster_event.event_specific_data
            for run in instance.get_runs()
            for entry in instance.all_logs(
                run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            )
        ]
    failed = {
        evaluation.asset_check_key.to_user_string()
        for evaluation in evaluations
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR
    }
    assert evaluations
    assert failed == set()


def test_two_people_are_hardly_ever_joined(warehouse):
    scores = warehouse.sql(
        """
        select scope, precision >= 0.99, recall >= 0.6
        from identity.identity_scores
        where evidence = 'truth'
        order by scope
        """
    )
    assert scores.fetchall() == [
        ("all records", True, True),
        ("identified records", True, True),
        ("named records", True, True),
    ]


def test_the_scores_of_a_run_are_numbers_that_the_ui_plots(deployment: Deployment, warehouse):
    with deployment.active(), dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(
            dg.AssetKey(["identity", "identity_scores"])
        )
    plotted = {
        name: value.value
        for name, value in event.asset_materialization.metadata.items()
        if isinstance(value, dg.FloatMetadataValue) and name.startswith("recall")
    }
    recalls = warehouse.sql(
        "select scope, recall from identity.identity_scores where evidence = 'truth'"
    )
    # Of the labels there is nothing: nobody has written any.
    assert plotted == {f"recall (truth, {scope})": recall for scope, recall in recalls.fetchall()}


def test_nobody_in_an_audience_has_not_consented_to_its_purpose(warehouse):
    declared = (DEFS / "activation" / "files" / "defs.yaml").read_text()
    audiences = [document["attributes"] for document in yaml.safe_load_all(declared)]
    assert warehouse.sql("from activation.audience_members").fetchall()
    for audience in audiences:
        without_consent = warehouse.execute(
            """
            from activation.audience_members as member
            anti join profiles.profile_consents as consent
                on member.profile_id = consent.profile_id
                and consent.is_granted
                and consent.purpose = ?
            where member.audience = ?
            """,
            [audience["purpose"], audience["name"]],
        ).fetchall()
        assert without_consent == []


def test_no_address_that_said_no_is_in_an_audience(warehouse):
    # Every address that a statement of the preference centre or an unsubscription refused.
    refused = warehouse.sql(
        """
        from activation.audience_members as member
        join profiles.contact_point_consents as consent
            on member.email = sha256(consent.value)
        where consent.kind = 'email'
            and not consent.is_granted
            and consent.purpose = 'email_marketing'
            and member.audience in ('champions', 'cart_abandoners', 'at_risk_win_back')
        """
    ).fetchall()
    assert refused == []


def test_the_published_copy_has_no_personal_columns(deployment: Deployment):
    with duckdb.connect(str(deployment.home.published), read_only=True) as copy:
        columns = {
            name
            for (name,) in copy.sql(
                "select column_name from information_schema.columns where table_schema = 'profiles'"
            ).fetchall()
        }
    assert "profile_id" in columns
    assert columns.isdisjoint(
        {
            "first_name",
            "last_name",
            "email",
            "phone",
            "birth_date",
            "street",
            "postcode",
            "loyalty_id",
        }
    )


def test_a_dry_run_tells_what_other_rules_would_do_and_changes_nothing(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT_FOLDER, project, ignore=shutil.ignore_patterns("target", "logs"))
    rules = project / "seeds" / "identity_rules.csv"
    rules.write_text(rules.read_text().replace("email,4,8,200,", "email,4,8,1,"))
    monkeypatch.setattr(transformation, "PROJECT_FOLDER", project)
    before = fingerprints(deployment)
    with deployment.active(), dg.DagsterInstance.get() as instance:
        job = deployment.definitions.resolve_job_def("identity_dry_run")
        succeeded = job.execute_in_process(instance=instance).success
    report = deployment.home.identity_dry_run.read_text()

    assert succeeded
    assert re.search(r" [1-9]\d* would be split", report), report
    before_and_after = re.search(
        r"recall \| truth \| identified records \| (\S+) \| (\S+) ", report
    )
    assert before_and_after, report
    assert float(before_and_after[2]) < float(before_and_after[1])
    assert fingerprints(deployment) == before
    assert list(deployment.home.root.glob(".identity-dry-run-*")) == []


def test_running_days_again_delivers_nothing_and_changes_no_table(deployment: Deployment):
    def state():
        return fingerprints(deployment), files(deployment), delivered_rows(deployment.home)

    before = state()
    assert before[2], "nothing was delivered at first, so this test would tell nothing"
    # An old day first, from where days are told apart: it must leave what is current to the newest.
    by_day = dg.AssetSelection.groups(*STAGES[STAGES.index("features") :])
    assert deployment.run_daily(deployment.days[0], by_day).success
    after_old_day = state()
    assert deployment.run_daily(UNTIL).success
    after_newest_day = state()
    changed = {
        table
        for tables in (after_old_day[0], after_newest_day[0])
        for table in tables
        if tables[table] != before[0].get(table)
    }
    assert changed == set()
    assert before[1:] == after_old_day[1:] == after_newest_day[1:]
