"""Resolving only what a change can reach gives what resolving everything gives."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.home import Home
from dagster_project.resolution.phone_numbers import phone_rules_version
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.identity.clusterings import Clusters, clusterings, seen_days
from tests.integration.identity.conftest import (
    FINGERPRINT,
    RECORD_NUMBER,
    WHAT_COMPILING_NEEDS,
    BuiltStage,
    CompiledQueries,
    IdentityStage,
    compile_identity,
)

pytestmark = pytest.mark.xdist_group("identity")

RECORDS = [f"s:{number}" for number in range(9)]
ATTRIBUTES = {
    "email": ("a@a.example", "b@b.example", "c@c.example", "none@none.com", "no address"),
    "phone": ("2025550001", "2025550002", "1"),
    "loyalty_id": ("L1", "L2"),
    "account_id": ("A1", "A2"),
    "device_id": ("D1", "D2"),
    "first_name": ("Ann", "Bob", "Robert", "Rachel", "Roz", "Rob"),
    "last_name": ("Archer", "Baker"),
    "birth_date": ("1970-01-01", "1980-02-02"),
    "updated_at": ("2026-11-01", "2026-11-02"),
}
OTHER_COLUMNS = "customer_id varchar, street varchar, postcode varchar, country varchar"
MADE_ANEW = ("identity_rejected_links", "identity_history")
"""What is compared beside the models that replace rows."""
PROFILES_REPLACED = """
    profile_id in (
        select profile_id from identity.identity_history
        where record_number in (select record_number from identity.unresolved_records)
        union all
        select profile_id from latest
    )
"""
RULES = """
    create or replace table identity.identity_rules as
    select * from (values
        ('loyalty_id', 1, 10, 3, 1, true), ('account_id', 2, 9, 3, 2, true),
        ('customer_id', 3, 9, 3, 2, true), ('email', 4, 8, 3, null, false),
        ('device_id', 5, 6, 2, null, false), ('phone', 6, 6, 3, null, false),
        ('email_and_name', 7, 7, 2, null, false), ('phone_and_name', 8, 5, 3, null, false)
    ) as rules (kind, priority, weight, max_records_per_value, max_values_per_profile, is_personal);
    create or replace table identity.identifier_blocklist as
    select 'email' as kind, 'exact' as pattern_type, 'none@none.com' as value;
"""
OTHER_RULES = (
    "",
    "update identity.identity_rules set max_records_per_value = 2 where kind = 'email'",
    "update identity.identity_rules set max_values_per_profile = 1 where kind = 'email'",
    "update identity.identity_rules set weight = 1 where kind = 'loyalty_id'",
    "delete from identity.identity_rules where kind = 'phone_and_name'",
    "insert into identity.identifier_blocklist values ('phone', 'exact', '+12025550001')",
    "delete from identity.identifier_blocklist",
)
"""What may become of the rules: as they are, or with one change."""
SEEDS = """
    create table identity.phone_numbers as
    select * from (values
        ('2025550001', 'US', '+12025550001'),
        ('2025550002', 'US', '+12025550002'),
        ('1', 'US', null)
    ) as numbers (phone, region, value);
    create table identity.first_name_variants as
    select * from (values ('bob', 'robert', true), ('roz', 'rachel', false))
    as variants (variant, name, is_usual);
    create table identity.fuzzy_pairs (
        record_id_a varchar, record_id_b varchar, match_weight double, match_probability double,
        evidence varchar, fingerprint_a varchar, fingerprint_b varchar
    );
"""

Record = Mapping[str, str | None]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Step:
    """What has happened since the run before, and how the next one goes.

    Attributes:
        records: Records as they have become; null where one is gone.
        fuzzy_links: Pairs of clusters, by their places among all, and their weights.
        stops_after: How many models are made before the run stops; null where it does not.
        decisions: What people have decided by now.
        rules: What has become of the rules by now.
    """

    records: Mapping[str, Record | None]
    fuzzy_links: Sequence[tuple[int, int, float]]
    stops_after: int | None = None
    decisions: frozenset[tuple[Pair, str]] = frozenset()
    rules: str = ""


records = st.none() | st.fixed_dictionaries(
    {attribute: st.none() | st.sampled_from(values) for attribute, values in ATTRIBUTES.items()}
)
# One decision: more of them may contradict each other, which stops a run.
decisions = st.tuples(
    st.sampled_from([("s:0", "s:1"), ("s:2", "s:5")]), st.sampled_from(["link", "separate"])
)
steps = st.builds(
    Step,
    records=st.dictionaries(st.sampled_from(RECORDS), records, max_size=3),
    fuzzy_links=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from([4.1, 5.123, 9.7])),
        max_size=2,
    ),
    stops_after=st.none() | st.integers(1, 30),
    rules=st.sampled_from(OTHER_RULES),
)
beginnings = st.builds(
    Step,
    records=st.dictionaries(st.sampled_from(RECORDS), records, min_size=4),
    fuzzy_links=st.just(()),
)


def decide(
    beginning: Step, later: Sequence[Step], decision: tuple[Pair, str], decided_at: int
) -> Sequence[Step]:
    """Let people decide before one of the runs."""
    return [
        replace(step, decisions=frozenset([decision] if place >= decided_at else []))
        for place, step in enumerate((beginning, *later))
    ]


histories = st.builds(
    decide, beginnings, st.lists(steps, min_size=1, max_size=4), decisions, st.integers(0, 4)
)


def replacing(relation: str, condition: str, rows: str, columns: Sequence[str]) -> str:
    """Write the statements by which the project puts rows in the place of others."""
    macro = (PROJECT_FOLDER / "macros/replaced_rows.sql").read_text()
    called = "{{ duckdb__replaced_rows(relation, condition, rows, columns) }}"
    return jinja2.Template(macro + called).render(
        relation=relation,
        condition=condition,
        rows=rows,
        columns=columns,
        adapter=SimpleNamespace(quote='"{}"'.format),
    )


class Warehouse:
    """The stage in a warehouse in memory, brought up to date in each run or made anew.

    One that is made anew is given its records in the opposite order: nothing may hang on that.
    """

    def __init__(self, queries: CompiledQueries, *, rebuilds: bool) -> None:
        """Lay out what the stage reads."""
        self._queries = queries
        self._rebuilds = rebuilds
        attributes = ", ".join(f"{attribute} varchar" for attribute in ATTRIBUTES)
        columns = (
            f"record_id varchar, {RECORD_NUMBER}, source varchar, source_record_id varchar, "
            f"first_seen_at timestamp, {attributes}, {OTHER_COLUMNS}, "
            + FINGERPRINT.format(", ".join(sorted(ATTRIBUTES.keys() - {"updated_at"})))
        )
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse; use warehouse; set threads = 1")
        self.connection.execute(WHAT_COMPILING_NEEDS + RULES + SEEDS)
        self.connection.execute(f"create table conformed.customer_records ({columns})")

    @property
    def models(self) -> Sequence[str]:
        """Which models a run makes, in their order."""
        return list(self._queries)

    def begin(self, queries: CompiledQueries) -> None:
        """Run once without any record."""
        later, self._queries = self._queries, queries
        rebuilds, self._rebuilds = self._rebuilds, True
        self.run(Step({}, ()))
        self._queries, self._rebuilds = later, rebuilds

    def change(self, step: Step) -> None:
        """Let happen what has happened."""
        records = list(step.records.items())
        for record_id, record in reversed(records) if self._rebuilds else records:
            self.connection.execute(
                "delete from conformed.customer_records where record_id = ?", [record_id]
            )
            if record is not None:
                self.connection.execute(
                    "insert into conformed.customer_records by name select ? as record_id, "
                    "'s' as source, timestamp '2026-01-01' as first_seen_at, "
                    + ", ".join(f"? as {attribute}" for attribute in record),
                    [record_id, *record.values()],
                )
        self.connection.execute(RULES + step.rules)
        self.connection.execute("delete from identity.identity_overrides")
        for (one, other), decision in step.decisions:
            self.connection.execute(
                "insert into identity.identity_overrides values (?, ?, ?, 'us', null)",
                [one, other, decision],
            )

    def run(self, step: Step, stops_after: int | None = None) -> list[str]:
        """Make the models, as many as may be, and tell which."""
        made = list(self._queries)[:stops_after]
        for model in made:
            self.make(model, step)
        if "resolved_records" in made:
            for table in ("changed_records", "records_behind_fuzzy_links", "unresolved_records"):
                self.connection.execute(f"delete from identity.{table}")
        return made

    def make(self, model: str, step: Step) -> None:
        """Make one model."""
        query = with_rules(self._queries[model], step)
        relation = f"identity.{model}"
        if model == "phone_numbers":
            pass  # Reading numbers is Python's part: the built stage shows what is read, and when.
        elif model == "fuzzy_links":
            self._link(step.fuzzy_links)
        elif model == "identity_history":
            self.connection.execute(
                f"insert into {relation} by name {query}; "
                "delete from identity.identity_pending_changes"
            )
        elif model in self._queries.keys_replaced and not self._rebuilds:
            key = self._queries.keys_replaced[model]
            by_number = f"{key} in (select record_number from identity.unresolved_records)"
            self.connection.execute(f"create or replace temp table latest as {query}")
            columns = self.connection.table("latest").columns
            replaced = PROFILES_REPLACED if key == "profile_id" else by_number
            self.connection.execute(replacing(relation, replaced, "latest", columns))
        else:
            self.connection.execute(f"create or replace table {relation} as {query}")
        if model == "records_behind_fuzzy_links":
            self.connection.execute(f"insert into identity.unresolved_records from {relation}")

    def _link(self, places: Sequence[tuple[int, int, float]]) -> None:
        rows = self.connection.sql(
            "select distinct cluster_id from identity.deterministic_clusters order by all"
        ).fetchall()
        clusters = [cluster for (cluster,) in rows]
        self.connection.execute(
            "create or replace table identity.fuzzy_links (record_id_a varchar, "
            "record_id_b varchar, rule varchar, weight double, "
            "primary key (record_id_a, record_id_b))"
        )
        for one, other, weight in places:
            if len(clusters) > 1 and one % len(clusters) != other % len(clusters):
                pair = sorted([clusters[one % len(clusters)], clusters[other % len(clusters)]])
                self.connection.execute(
                    "insert or ignore into identity.fuzzy_links values (?, ?, 'fuzzy', ?)",
                    [*pair, weight],
                )

    def clusters(self) -> dict[str, str]:
        """Tell the cluster of each record."""
        clusters = self.connection.sql(
            "select record_id, cluster_id from identity.identity_clusters"
        )
        return dict(clusters.fetchall())

    def profiles(self) -> dict[str, str]:
        """Tell the profile of each record."""
        profiles = self.connection.sql("select record_id, profile_id from identity.identity_map")
        return dict(profiles.fetchall())

    def aliases(self) -> dict[str, str | None]:
        """Tell what each id that was ever issued stands for."""
        aliases = self.connection.sql(
            "select profile_id, current_profile_id from identity.profile_aliases"
        )
        return dict(aliases.fetchall())

    def numbers(self, *record_ids: str) -> list[tuple[int]]:
        """Tell the numbers of records, the smallest first."""
        return self.connection.execute(
            "select record_number from conformed.customer_records "
            "where record_id in (select unnest(?)) order by all",
            [record_ids],
        ).fetchall()

    def contents(self, table: str) -> list[str]:
        """Show a table's rows, in one order."""
        # When a record came, and what a change is put down to, is no matter of how it was found.
        aside = ("changed_at", "issued_at", "cause")
        relation = self.connection.table(f"identity.{table}")
        columns = ", ".join(sorted(column for column in relation.columns if column not in aside))
        return sorted(map(str, relation.project(columns).fetchall()))


def with_rules(query: str, step: Step) -> str:
    """Let the fingerprint of the rules follow rules and decisions, as dbt does when it compiles."""
    rules = hashlib.md5(f"{sorted(step.decisions)}{step.rules}".encode()).hexdigest()
    return re.sub("'[0-9a-f]{32}'", f"'{rules}'", query)


@pytest.fixture(scope="session")
def compiled_later(
    compiled_identity: CompiledQueries, compiling_home: Home
) -> Mapping[str, CompiledQueries]:
    """The models' SQL where there was a run before: to bring up to date, and to make anew."""
    stage = Warehouse(compiled_identity, rebuilds=True)
    stage.run(Step({}, ()))
    compiling_home.warehouse.unlink()
    stage.connection.execute(f"attach '{compiling_home.warehouse}' as file")
    stage.connection.execute("copy from database warehouse to file")
    stage.connection.close()
    return {
        "update": compile_identity(compiling_home),
        "rebuild": compile_identity(compiling_home, "--full-refresh"),
    }


in_memory = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@in_memory
@given(history=histories)
def test_what_a_change_does_not_reach_is_as_if_everything_were_resolved_again(
    compiled_identity: CompiledQueries,
    compiled_later: Mapping[str, CompiledQueries],
    history: Sequence[Step],
) -> None:
    updated = Warehouse(compiled_later["update"], rebuilds=False)
    rebuilt = Warehouse(compiled_later["rebuild"], rebuilds=True)
    for warehouse in (updated, rebuilt):
        warehouse.begin(compiled_identity)
    for step in history:
        updated.change(step)
        rebuilt.change(step)
        made = updated.run(step, step.stops_after)
        if "identity_history" in made:
            rebuilt.run(step)
        if made == list(compiled_identity):
            replaced = compiled_identity.keys_replaced.keys() - {"resolved_records"}
            for table in (*sorted(replaced), *MADE_ANEW):
                assert updated.contents(table) == rebuilt.contents(table), table


@settings(in_memory, max_examples=30)
@given(history=st.lists(clusterings(), min_size=2, max_size=7), seen=seen_days)
def test_ids_stand_for_whom_they_would_if_all_history_were_read_again(
    compiled_identity: CompiledQueries,
    compiled_later: Mapping[str, CompiledQueries],
    history: list[Clusters],
    seen: dict[str, int],
) -> None:
    stage = IdentityStage(compiled_identity)
    everything = "select * from identity.profile_aliases order by profile_id"
    beginning, *later = history
    stage.run(beginning, seen)
    for clusters in later:
        stage.connection.execute(f"create or replace table kept as {everything}")
        stage.connection.execute(
            "create or replace table revisions as select revision from identity.identity_history"
        )
        stage.run(clusters, seen)
        made_anew = stage.connection.sql(everything).fetchall()
        # Fewer than a run would look at: those alone that came to another profile.
        stage.connection.execute(
            f"""
            create or replace table identity.unresolved_records as
            select record_number from identity.identity_history
            where revision not in (select revision from revisions);
            create or replace table identity.profile_aliases as from kept;
            create or replace temp table latest as {compiled_later["update"]["profile_aliases"]}
            """
        )
        columns = stage.connection.table("latest").columns
        stage.connection.execute(
            replacing("identity.profile_aliases", PROFILES_REPLACED, "latest", columns)
        )
        assert stage.connection.sql(everything).fetchall() == made_anew


NOTHING: Record = dict.fromkeys(ATTRIBUTES)
ANN: Record = {**NOTHING, "email": "a@a.example"}


@pytest.fixture
def warehouse(
    compiled_identity: CompiledQueries, compiled_later: Mapping[str, CompiledQueries]
) -> Warehouse:
    made = Warehouse(compiled_later["update"], rebuilds=False)
    made.begin(compiled_identity)
    return made


def live_through(warehouse: Warehouse, *history: Step) -> None:
    for step in history:
        warehouse.change(step)
        warehouse.run(step, step.stops_after)


def test_a_record_is_linked_when_it_comes_to_whom_people_linked_it_before(
    warehouse: Warehouse,
) -> None:
    decided = frozenset([(("s:0", "s:1"), "link")])
    live_through(
        warehouse,
        Step({"s:0": NOTHING}, (), decisions=decided),
        Step({"s:1": NOTHING}, (), decisions=decided),
    )

    assert warehouse.clusters() == {"s:0": "s:0", "s:1": "s:0"}


def test_a_record_finds_its_like_on_a_day_when_most_others_go(warehouse: Warehouse) -> None:
    live_through(
        warehouse,
        Step({"s:0": ANN, "s:1": NOTHING, "s:2": NOTHING}, ()),
        Step({"s:3": ANN, "s:1": None, "s:2": None}, ()),
    )

    assert warehouse.clusters() == {"s:0": "s:0", "s:3": "s:0"}


def test_what_a_run_left_that_stopped_is_kept_where_one_model_is_made_again(
    warehouse: Warehouse,
) -> None:
    stopped = Step({"s:0": NOTHING, "s:1": ANN}, ())
    live_through(warehouse, Step({"s:0": ANN, "s:1": ANN}, ()))
    warehouse.change(stopped)
    made = warehouse.run(stopped, stops_after=10)
    unresolved = warehouse.connection.table("identity.unresolved_records")
    left = unresolved.order("all").fetchall()
    warehouse.make("unresolved_records", stopped)
    kept = warehouse.connection.table("identity.unresolved_records")

    assert "identifiers" in made
    assert left == warehouse.numbers("s:0", "s:1")
    assert kept.order("all").fetchall() == left


def test_an_id_follows_its_heir_into_a_merge_long_after_its_records_were_deleted(
    warehouse: Warehouse,
) -> None:
    ben: Record = {**NOTHING, "email": "b@b.example"}
    live_through(warehouse, Step({"s:0": ANN, "s:1": ben, "s:2": NOTHING}, ()))
    issued = warehouse.profiles()
    live_through(warehouse, Step({"s:2": ben}, ()), Step({"s:2": None}, ()))
    deleted = warehouse.aliases()
    live_through(warehouse, Step({"s:1": ANN}, ()))

    assert deleted[issued["s:2"]] == deleted[issued["s:1"]] == issued["s:1"]
    assert warehouse.aliases() == dict.fromkeys(issued.values(), issued["s:0"])


def test_an_id_follows_its_heir_as_dbt_replaces_rows(before: BuiltStage, stage: BuiltStage) -> None:
    issued = before.profiles()
    # Somebody who was merged into ben and then deleted at the source.
    stage.execute(
        f"""
        insert into identity.identity_history
            (record_id, record_number, revision, profile_id, previous_profile_id, change)
        values
            ('s:gone', 1, 1, 'pgone', null, 'added'),
            ('s:gone', 1, 2, '{issued["ben"]}', 'pgone', 'merged'),
            ('s:gone', 1, 3, null, '{issued["ben"]}', 'removed');
        insert into identity.profile_aliases by name
        select 'pgone' as profile_id, '{issued["ben"]}' as current_profile_id,
            false as is_current, '{issued["ben"]}' as heir_profile_id, 1 as issued_in;
        update conformed.customer_records set customer_id = 'C1'
        where record_id in ('s:anna', 's:ben')
        """
    )
    succeeded, output = stage.build()
    aliases = stage.rows(
        "select profile_id, current_profile_id, heir_profile_id, is_current "
        "from identity.profile_aliases"
    )

    assert succeeded, output
    assert stage.profiles()["ben"] == issued["anna"]
    assert ("pgone", issued["anna"], issued["ben"], False) in aliases
    assert len(aliases) == len({*issued.values()}) + 1


def test_a_fuzzy_link_that_a_limit_cut_is_not_resolved_again(warehouse: Warehouse) -> None:
    step = Step({"s:0": {**ANN, "loyalty_id": "L1"}, "s:1": {**NOTHING, "loyalty_id": "L2"}}, ())
    linked = replace(step, fuzzy_links=[(0, 1, 5.123)])
    live_through(warehouse, step, linked)
    cut = warehouse.contents("identity_rejected_links")
    warehouse.run(linked, stops_after=len(warehouse.models) - 1)

    assert len(cut) == 1
    assert "over a limit" in cut[0]
    assert warehouse.contents("unresolved_records") == []


def test_a_phone_number_is_read_anew_by_other_rules_and_forgotten_with_its_last_record(
    before: BuiltStage, stage: BuiltStage
) -> None:
    stated = "select phone, value from identity.phone_numbers"
    stage.execute("update conformed.customer_records set phone = null where phone is not null")
    stage.execute("insert into conformed.consents values ('(202) 599-6810')")
    stage.execute(
        "insert into identity.phone_numbers values ('(202) 599-6810', 'US', 'misread', 'others')"
    )
    stopped, output = stage.dbt("run", "--select", "changed_records", "phone_numbers")
    known = stage.rows(f"{stated} order by phone")
    finished, more_output = stage.dbt("run", "--select", "resolved_records")

    assert stopped, output
    assert finished, more_output
    assert before.rows(stated) == [("2025996809", "+12025996809")]
    assert known == [("(202) 599-6810", "+12025996810"), ("2025996809", "+12025996809")]
    assert stage.rows(stated) == [("(202) 599-6810", "+12025996810")]
    # By the rules of the deployment's country too, which the library does not know.
    assert stage.rows("select rules_version from identity.phone_numbers") == [
        (f"{phone_rules_version()}, US",)
    ]


def test_pairs_that_somebody_drops_are_judged_anew_even_where_dbt_runs_first(
    stage: BuiltStage,
) -> None:
    judged = "select table_name from information_schema.tables where table_name = 'judged_entities'"
    stage.execute("create table identity.judged_entities (cluster_id varchar)")
    kept, output = stage.dbt("run", "--select", "fuzzy_links")
    with_pairs = stage.rows(judged)
    stage.execute("drop table identity.fuzzy_pairs")
    dropped, more_output = stage.dbt("run", "--select", "fuzzy_links")

    assert kept, output
    assert dropped, more_output
    assert with_pairs == [("judged_entities",)]
    assert stage.rows(judged) == []
    assert stage.rows("select * from identity.fuzzy_pairs") == []


def test_only_what_comes_out_otherwise_is_written_again(stage: BuiltStage) -> None:
    places = "select record_id, rowid, cluster_id from identity.identity_clusters order by rowid"
    earlier = stage.rows(places)
    stage.execute(
        "insert into conformed.customer_records by name select 's:ben 2' as record_id, "
        "'s' as source, 'ben 2' as source_record_id, 'ben@web.example' as email, "
        "timestamp '2026-03-01' as first_seen_at"
    )
    stage.execute(
        "update conformed.customer_records set customer_id = 'C1' "
        "where record_id in ('s:benjamin', 's:ben')"
    )
    succeeded, output = stage.build()
    later = stage.rows(places)

    assert succeeded, output
    assert [row for row in earlier if row not in later] == [
        row for row in earlier if row[0] == "s:benjamin"
    ]
    assert sorted((row[0], row[2]) for row in later if row not in earlier) == [
        ("s:ben 2", "s:ben"),
        ("s:benjamin", "s:ben"),
    ]


def test_nobody_is_called_resolved_of_whom_the_map_does_not_say_what_is_proposed(
    stage: BuiltStage,
) -> None:
    earlier = stage.profiles()
    stage.execute(
        "update conformed.customer_records set customer_id = 'C1' "
        "where record_id in ('s:benjamin', 's:ben')"
    )
    stopped, output = stage.dbt("run", "--select", "+identity_proposals,identity")
    passed_by, refusal = stage.dbt("run", "--select", "resolved_records")
    held_back = stage.profiles()
    succeeded, more_output = stage.build()

    assert stopped, output
    assert not passed_by
    assert "not say yet what identity.identity_proposals does (records: 1). Run the" in refusal
    assert held_back == earlier
    assert succeeded, more_output
    assert stage.profiles()["benjamin"] == earlier["ben"]


def test_nobody_is_called_resolved_whose_changes_wait_though_the_map_agrees(
    stage: BuiltStage,
) -> None:
    share = "update conformed.customer_records set customer_id = {} where record_id = 's:{}'"
    stage.execute(share.format("'C1'", "ben"))
    stage.execute(share.format("'C1'", "benjamin"))
    merged, output = stage.dbt("run", "--select", "+identity_history,identity")
    stage.execute(share.format("null", "benjamin"))
    split, more_output = stage.dbt("run", "--select", "+identity_pending_changes,identity")
    passed_by, refusal = stage.dbt("run", "--select", "resolved_records")

    assert merged, output
    assert split, more_output
    assert not passed_by, "the map, which never merged them, says what is proposed again"
    assert "not say yet what identity.identity_proposals does (records: 1). Run the" in refusal


def test_changes_are_taken_over_once_whoever_makes_the_history_alone(stage: BuiltStage) -> None:
    history = "select record_id, revision, change from identity.identity_history order by all"
    stage.execute(
        "update conformed.customer_records set customer_id = 'C1' "
        "where record_id in ('s:benjamin', 's:ben')"
    )
    stopped, output = stage.dbt("run", "--select", "+identity_history,identity")
    once = stage.rows(history)
    again, more_output = stage.dbt("run", "--select", "identity_history")

    assert stopped, output
    assert again, more_output
    assert ("s:benjamin", 2, "merged") in once
    assert stage.rows(history) == once


def test_nobody_takes_over_what_is_not_proposed_any_more(stage: BuiltStage) -> None:
    history = "select record_id, revision, change from identity.identity_history order by all"
    earlier = stage.rows(history)
    share = "update conformed.customer_records set customer_id = {} where record_id = 's:{}'"
    stage.execute(share.format("'C1'", "ben"))
    stage.execute(share.format("'C1'", "benjamin"))
    stopped, output = stage.dbt("run", "--select", "+identity_pending_changes,identity")
    pending = stage.rows("select record_id from identity.identity_pending_changes")
    stage.execute(share.format("null", "benjamin"))
    proposed, more_output = stage.dbt("run", "--select", "+identity_proposals,identity")
    made, last_output = stage.dbt("run", "--select", "identity_history")

    assert stopped, output
    assert pending == [("s:benjamin",)]
    assert proposed, more_output
    assert made, last_output
    assert stage.rows(history) == earlier


def test_a_table_keeps_its_rows_where_somebody_makes_it_between_two_runs(
    before: BuiltStage, stage: BuiltStage
) -> None:
    everybody = "from identity.identity_map order by all"
    changed, output = stage.dbt("run", "--full-refresh", "--select", "changed_records")
    made, more_output = stage.dbt("run", "--select", "identity_map")

    assert changed, output
    assert made, more_output
    assert stage.rows(everybody) == before.rows(everybody)


def test_what_an_older_release_left_goes_with_the_next_run(
    before: BuiltStage, stage: BuiltStage
) -> None:
    # Other numbers, and other columns; and meanwhile, somebody is gone.
    stage.execute("delete from conformed.customer_records where record_id = 's:ben'")
    stage.execute(
        "update identity.identity_components set record_number = -record_number, "
        "component_number = -component_number"
    )
    stage.execute(
        "insert into identity.identity_conflicts values (null, 'too many records', 's:anna'), "
        "(-7, 'too many records', 's:ben')"
    )
    stage.execute("alter table identity.identifiers drop column value_number")
    for table in ("identity_history", "identity_map", "identity_proposals"):
        stage.execute(f"alter table identity.{table} drop column record_number")
    stage.execute("alter table identity.resolved_records drop column rules_fingerprint")
    stage.execute("alter table identity.profile_aliases drop column heir_profile_id")
    succeeded, output = stage.build()

    assert succeeded, output
    gone = before.rows(
        "select record_number, profile_id from identity.identity_map where record_id = 's:ben'"
    )
    number, profile_id = gone[0]
    for table, columns in {
        "identifiers": "record_number, kind, value_number",
        "identity_components": "record_number, component_number",
        "identity_conflicts": "record_id as record_number, component_number",
        "identity_map": "record_number, profile_id",
        "identity_confidences": "profile_id as record_number, record_count",
        "resolved_records": "record_number, rules_fingerprint",
    }.items():
        query = f"select {columns} from identity.{table} order by all"
        rows = [row for row in before.rows(query) if row[0] not in (number, profile_id)]
        assert stage.rows(query) == rows, table
    assert stage.rows(
        "select record_number, change from identity.identity_history "
        "where record_id = 's:ben' order by revision"
    ) == [(number, "added"), (number, "removed")]
    assert stage.rows(
        f"select is_current from identity.profile_aliases where profile_id = '{profile_id}'"
    ) == [(False,)]
