"""The stage in two forms: compiled SQL, to live through many days in a second, and built by dbt."""

import graphlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.project_copy import ProjectCopy

MOST_RECORDS = 4
"""How many records a profile may have in the compiled SQL: few, so that tests reach it."""

NUMBER = "cast(md5_number_lower(record_id) >> 1 as bigint)"
"""A record's number."""
RECORD_NUMBER = f"record_number bigint generated always as ({NUMBER})"
FINGERPRINT = "fingerprint bigint generated always as (hash({}) >> 1)"
"""A record's fingerprint, of the columns that count."""

WHAT_COMPILING_NEEDS = """
    create schema conformed;
    create schema identity;
    create table identity.identity_overrides (
        record_id_a varchar, record_id_b varchar, decision varchar, author varchar, decided_on date
    );
    create table identity.identity_labels (
        record_id_a varchar, record_id_b varchar, is_same_person boolean, labelled_by varchar,
        labelled_on date
    );
    create table identity.identity_history (
        record_id varchar, record_number bigint, revision integer, profile_id varchar,
        previous_profile_id varchar,
        change varchar, cause varchar, changed_at timestamptz, rules_fingerprint varchar
    );
"""


_CLUSTERS = """
    create table conformed.customer_records (
        record_id varchar, source varchar, source_record_id varchar, first_seen_at timestamp
    );
    create table identity.identity_clusters (
        record_id varchar, record_number bigint, cluster_id varchar
    );
    create table identity.unresolved_records (record_number bigint);
    create table identity.records_behind_fuzzy_links (record_number bigint);
"""


class CompiledQueries(dict[str, str]):
    """The models' SQL by name; too long to be shown when a test fails.

    Attributes:
        keys_replaced: By what column a model replaces rows where it is brought up to date, by name.
    """

    def __init__(self, queries: Mapping[str, str], keys_replaced: Mapping[str, str]) -> None:
        """Hold the queries in the order of a run."""
        super().__init__(queries)
        self.keys_replaced = keys_replaced

    def __repr__(self) -> str:
        """Name the models."""
        return f"CompiledQueries({', '.join(self)})"


class IdentityStage:
    """The stage from its clusters onwards, in a warehouse in memory."""

    def __init__(self, queries: Mapping[str, str]) -> None:
        """Begin without any history."""
        self._queries = queries
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse; use warehouse")
        self.connection.execute(WHAT_COMPILING_NEEDS + _CLUSTERS)

    def run(self, clusters: Mapping[str, frozenset[str]], seen: Mapping[str, int]) -> None:
        """Let a run find these clusters.

        Args:
            clusters: Its records, by any name of the cluster.
            seen: On which day a record was first seen.
        """
        rows = [(record, name) for name, records in clusters.items() for record in records]
        self.connection.execute(
            f"""
            create or replace table identity.identity_clusters as
            select record_id, {NUMBER} as record_number, cluster_id
            from (select unnest(?::varchar[]) as record_id, unnest(?::varchar[]) as cluster_id)
            """,
            [[record for record, _ in rows], [name for _, name in rows]],
        )
        self.connection.execute(
            f"""
            create or replace table conformed.customer_records as
            select record_id, {NUMBER} as record_number, 's' as source,
                record_id as source_record_id,
                timestamp '2026-01-01' + to_days(day) as first_seen_at
            from (select unnest(?::varchar[]) as record_id, unnest(?::integer[]) as day)
            """,
            [[record for record, _ in rows], [seen.get(record, 0) for record, _ in rows]],
        )
        self.connection.execute(
            """
            create or replace table identity.unresolved_records as
            select record_number from identity.identity_clusters
            union
            select record_number from identity.identity_history
            """
        )
        self._make("identity_proposals")
        self._make("identity_pending_changes")
        self.connection.execute(
            f"insert into identity.identity_history by name {self._queries['identity_history']}"
        )
        self._make("identity_map")
        self._make("profile_aliases")

    def _make(self, model: str) -> None:
        self.connection.execute(
            f"create or replace table identity.{model} as {self._queries[model]}"
        )

    def profiles(self) -> dict[str, str]:
        """Tell the profile of each record."""
        rows = self.connection.sql("select record_id, profile_id from identity.identity_map")
        return dict(rows.fetchall())

    def aliases(self) -> dict[str, str | None]:
        """Tell what each id that was ever issued stands for."""
        rows = self.connection.sql(
            "select profile_id, current_profile_id from identity.profile_aliases"
        )
        return dict(rows.fetchall())


def compile_identity(home: Home, *options: str) -> CompiledQueries:
    """Compile the models of the stage as dbt does on a warehouse, in the order of a run."""
    subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            "--quiet",
            "compile",
            *options,
            "--select",
            "identity,resource_type:model",
            "--vars",
            json.dumps({"max_records_per_profile": MOST_RECORDS}),
            "--project-dir",
            PROJECT_FOLDER,
            "--profiles-dir",
            PROJECT_FOLDER,
            "--target-path",
            home.dbt,
            "--log-path",
            home.dbt,
        ],
        env={**os.environ, "SEGMENTATION_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        check=True,
    )
    nodes = json.loads((home.dbt / "manifest.json").read_text())["nodes"]
    models = {
        key: node["depends_on"]["nodes"]
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] == "identity"
    }
    order = graphlib.TopologicalSorter(models).static_order()
    folder = home.dbt / "compiled/customer_segmentation/models/identity"
    made = [nodes[key] for key in order if key in models]
    return CompiledQueries(
        {model["name"]: (folder / f"{model['name']}.sql").read_text() for model in made},
        {
            model["name"]: model["config"]["unique_key"]
            for model in made
            if model["config"]["incremental_strategy"] == "replace_unresolved"
        },
    )


@pytest.fixture(scope="session")
def compiling_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Where the models are compiled: one place, so that dbt has to parse them but once."""
    return Home(tmp_path_factory.mktemp("identity"))


@pytest.fixture(scope="session")
def compiled_identity(compiling_home: Home) -> CompiledQueries:
    """The models' SQL where there is a history and nothing else, so that all is made anew."""
    with duckdb.connect(str(compiling_home.warehouse)) as connection:
        connection.execute(WHAT_COMPILING_NEEDS)
    return compile_identity(compiling_home)


_STATED = (
    "first_name, last_name, street, postcode, country, email, phone, loyalty_id, account_id, "
    "customer_id, device_id"
)
WHAT_THE_STAGE_READS = f"""
    create schema conformed;
    create table conformed.customer_records (
        record_id varchar, {RECORD_NUMBER}, source varchar, source_record_id varchar,
        {_STATED.replace(",", " varchar,")} varchar,
        birth_date date, first_seen_at timestamp, updated_at timestamp,
        {FINGERPRINT.format(_STATED + ", birth_date, first_seen_at")}
    );
    create table conformed.consents (phone varchar);
    create table conformed.contact_statements (
        kind varchar, value varchar, country varchar, is_current boolean
    );
"""
_RECORDS = """
    insert into conformed.customer_records by name
    select 's:' || id as record_id, 's' as source, id as source_record_id, email, phone, device_id,
        timestamp '2026-01-01' + to_days(number) as first_seen_at
    from (
        values
            (1, 'anna', 'home@web.example', null, null),
            (2, 'hanna', 'home@web.example', null, null),
            (3, 'ben', 'ben@web.example', null, null), (4, 'benjamin', null, null, null),
            (5, 'eve', 'eve@web.example', '2025996809', 'D1'),
            (6, 'eva', 'eve@web.example', '2025996809', 'D1'),
            (7, 'evelyn', null, '2025996809', null)
    ) as records (number, id, email, phone, device_id);
    insert into conformed.customer_records by name
    select 's:' || id as record_id, 's' as source, id as source_record_id,
        id || '@web.example' as email, timestamp '2026-02-01' as first_seen_at
    from (select 'many' || unnest(range(60)) as id);
"""


class BuiltStage(ProjectCopy):
    """The stage as dbt builds it from records made by hand, and what people say of them."""

    def decide(self, *decisions: str) -> None:
        """Write these rows as the only overrides."""
        self.write_seed(
            "identity_overrides",
            "record_id_a,record_id_b,decision,reason,author,decided_on\n",
            *decisions,
        )

    def label(self, *labels: str) -> None:
        """Write these rows as the only labels."""
        self.write_seed(
            "identity_labels",
            "record_id_a,record_id_b,is_same_person,labelled_by,labelled_on\n",
            *labels,
        )

    def build(self, options: Sequence[str] = ()) -> tuple[bool, str]:
        """Let dbt build all of it and tell whether it went well, and what it said."""
        return self.dbt(
            "build",
            "--select",
            "identity",
            "resource_type:seed",
            "--indirect-selection",
            "buildable",
            # The tests of grain and keys have runs of their own.
            "--exclude",
            "test_type:generic",
            "test_type:unit",
            *options,
        )

    def profiles(self) -> dict[str, str]:
        """Tell the profile of each record."""
        return dict(self.rows("select source_record_id, profile_id from identity.identity_map"))


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> BuiltStage:
    """The stage after a run without any decision or label."""
    stage = BuiltStage.lay_out(tmp_path_factory.mktemp("built"), WHAT_THE_STAGE_READS + _RECORDS)
    succeeded, output = stage.build()
    assert succeeded, output
    return stage


@pytest.fixture
def stage(before: BuiltStage, tmp_path: Path) -> BuiltStage:
    """A copy of it, for a test to go on with."""
    return before.copy_to(tmp_path / "copy")
