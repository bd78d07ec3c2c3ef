"""Cutting clusters gives what going through all pairs of records one by one would give."""

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.integration.identity.conftest import (
    MOST_RECORDS,
    NUMBER,
    RECORD_NUMBER,
    WHAT_THE_STAGE_READS,
    BuiltStage,
)

pytestmark = pytest.mark.xdist_group("identity")

RECORDS = [f"s:{number}" for number in range(9)]
LONG = 100_000
# kind: weight, priority, how many values a profile may hold.
RULES = {"card": (10, 1, 1), "account": (9, 2, 2), "email": (8, 3, None), "phone": (6, 4, None)}

Identifier = tuple[str, str, str]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """Records of one component, what they can be recognised by, and what people decided."""

    identifiers: frozenset[Identifier]
    links: frozenset[Pair]
    separations: frozenset[Pair]

    @property
    def decided_groups(self) -> set[frozenset[str]]:
        """The records that people decided to be one person."""
        group = {record: frozenset([record]) for record in RECORDS}
        for one, other in self.links:
            joint = group[one] | group[other]
            group.update(dict.fromkeys(joint, joint))
        return set(group.values())


pairs = st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(
    lambda pair: pair[0] != pair[1]
)
cases = st.builds(
    Case,
    identifiers=st.frozensets(
        st.tuples(
            st.sampled_from(RECORDS), st.sampled_from(sorted(RULES)), st.sampled_from("abcd")
        ),
        max_size=30,
    ),
    links=st.frozensets(pairs, max_size=2),
    separations=st.frozensets(pairs, max_size=2),
)


def one_by_one(case: Case) -> set[frozenset[str]]:
    """Join the strongest pair first, and none that would break a limit (Kruskal's algorithm)."""
    cluster = {record: group for group in case.decided_groups for record in group}

    def join(one: str, other: str) -> None:
        joint = cluster[one] | cluster[other]
        cluster.update(dict.fromkeys(joint, joint))

    def held(records: frozenset[str], kind: str) -> int:
        return len(
            {value for record, of, value in case.identifiers if record in records and of == kind}
        )

    def may_join(one: frozenset[str], other: frozenset[str]) -> bool:
        joint = one | other
        return (
            len(joint) <= MOST_RECORDS
            and not any({*pair} <= joint for pair in case.separations)
            and all(
                held(joint, kind) <= max(limit, held(one, kind), held(other, kind))
                for kind, (_, _, limit) in RULES.items()
                if limit
            )
        )

    strengths = {}
    for one, other in itertools.combinations(RECORDS, 2):
        shared = [
            RULES[kind][:2]
            for record, kind, value in case.identifiers
            if record == one and (other, kind, value) in case.identifiers
        ]
        if shared:
            digest = hashlib.md5(f"{one} {other}".encode(), usedforsecurity=False).hexdigest()
            weight, priority = sum(rule[0] for rule in shared), min(rule[1] for rule in shared)
            strengths[one, other] = (-weight, priority, digest)
    for one, other in sorted(strengths, key=strengths.__getitem__):
        if cluster[one] != cluster[other] and may_join(cluster[one], cluster[other]):
            join(one, other)
    return set(cluster.values())


def clusters_of(query: str, case: Case) -> set[frozenset[str]]:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as warehouse; use warehouse; create schema identity")
    connection.execute("create schema conformed")
    connection.execute(
        f"create table conformed.customer_records as select record_id, {NUMBER} as record_number "
        "from (select unnest(?::varchar[]) as record_id)",
        [RECORDS],
    )
    connection.execute(
        "create table identity.identity_components as "
        "select record_number, 0 as component_number "
        "from conformed.customer_records"
    )
    connection.execute("create table identity.identity_conflicts as select 0 as component_number")
    connection.execute(
        f"create table identity.identifiers (record_id varchar, {RECORD_NUMBER}, kind varchar, "
        "value varchar, is_usable boolean)"
    )
    connection.execute(
        "create table identity.identity_rules (kind varchar, weight integer, priority integer, "
        "max_values_per_profile integer)"
    )
    connection.execute(
        "create table identity.identity_overrides "
        "(record_id_a varchar, record_id_b varchar, decision varchar)"
    )
    rows = {
        "identifiers": [(*identifier, True) for identifier in case.identifiers],
        "identity_rules": [(kind, *rule) for kind, rule in RULES.items()],
        "identity_overrides": [
            *((*pair, "link") for pair in case.links),
            *((*pair, "separate") for pair in case.separations),
        ],
    }
    for table, contents in rows.items():
        if contents:
            marks = ", ".join("?" * len(contents[0]))
            connection.executemany(f"insert into identity.{table} values ({marks})", contents)
    found = connection.sql(
        f"select list(record_id) from ({query}) as clusters group by cluster_id"
    ).fetchall()
    return {frozenset(records) for (records,) in found}


@settings(max_examples=60)
@given(case=cases)
def test_a_cluster_in_conflict_is_cut_as_if_pairs_were_joined_one_by_one(
    compiled_identity: Mapping[str, str], case: Case
) -> None:
    assume(not any({*pair} <= group for pair in case.separations for group in case.decided_groups))
    assert clusters_of(compiled_identity["deterministic_clusters"], case) == one_by_one(case)


def test_more_records_than_a_profile_may_have_stop_the_run_unless_people_linked_all_of_them(
    stage: BuiltStage,
) -> None:
    stage.execute(
        """
        insert into identity.identity_clusters
        select 's:crowd' || number as record_id, number as record_number, 's:crowd0' as cluster_id
        from range(1001) as numbers (number)
        """
    )
    linked = """
        insert into identity.identity_overrides (record_id_a, record_id_b, decision)
        select 's:crowd' || number, 's:crowd' || number + 1, 'link'
        from range({}, {}) as numbers (number)
    """
    check = ("test", "--select", "no_cluster_is_over_a_limit")
    stage.execute(linked.format(0, 999))
    with_a_stranger, output = stage.dbt(*check)
    stage.execute(linked.format(999, 1000))
    decided, more_output = stage.dbt(*check)

    assert not with_a_stranger
    assert "no_cluster_is_over_a_limit" in output
    assert decided, more_output


def test_a_chain_of_a_hundred_thousand_records_becomes_profiles_of_a_thousand_at_most(
    tmp_path: Path,
) -> None:
    # Each shares its address with the one before it, and its device with the one after it.
    stage = BuiltStage.lay_out(
        tmp_path,
        f"""
        {WHAT_THE_STAGE_READS}
        insert into conformed.customer_records by name
        select 's:' || i as record_id, 's' as source, i::varchar as source_record_id,
            i // 2 || '@web.example' as email, 'D' || (i + 1) // 2 as device_id,
            timestamp '2026-01-01' + to_seconds(i) as first_seen_at
        from range({LONG}) as numbers (i)
        """,
    )
    succeeded, output = stage.dbt(
        "build",
        *("--select", "+identity_map,identity", "resource_type:seed"),
        *("--exclude-resource-types", "test", "unit_test"),
    )

    assert succeeded, output
    assert stage.rows(
        "select count(distinct component_number), count(*) from identity.identity_components"
    ) == [(1, LONG)]
    assert stage.rows(
        "select sum(record_count), max(record_count) <= 1000, count(*) < 200 "
        "from (select count(*) as record_count from identity.identity_map group by profile_id)"
    ) == [(LONG, True, True)]
