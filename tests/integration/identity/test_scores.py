"""What identities are scored by, and what a score that is too low does to a run."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.identity.conftest import BuiltStage

pytestmark = pytest.mark.xdist_group("identity")

ENOUGH = 100
"""As many pairs as a bar needs to apply."""

people_in_clusters = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("pqrs"), st.booleans()), max_size=25
)
"""Of each record, whose it is, its cluster, and whether it states a name."""


@settings(max_examples=60)
@given(records=people_in_clusters)
def test_pairs_are_counted_as_if_each_were_looked_at(
    compiled_identity: Mapping[str, str], records: list[tuple[str, str, bool]]
) -> None:
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as warehouse; use warehouse; create schema identity")
    connection.execute(
        """
        create table identity.identity_clusters (record_id varchar, cluster_id varchar);
        create table identity.deterministic_clusters (record_id varchar, cluster_id varchar);
        create table identity.identity_truth (record_id varchar, person_id varchar);
        create table identity.identity_labels (
            record_id_a varchar, record_id_b varchar, is_same_person boolean
        );
        create table identity.identifiers (
            record_id varchar, kind varchar, rejection_reason varchar
        );
        create table identity.first_names (record_id varchar);
        """
    )
    for number, (person, cluster, is_named) in enumerate(records):
        connection.execute("insert into identity.identity_truth values (?, ?)", [number, person])
        connection.execute(
            "insert into identity.identity_clusters values (?, ?)", [number, cluster]
        )
        if is_named:
            connection.execute("insert into identity.first_names values (?)", [number])
    counted = connection.sql(
        f"""
        select scope, true_pairs, found_pairs, right_pairs
        from ({compiled_identity["identity_scores"]}) as scores
        where evidence = 'truth'
        order by scope
        """
    ).fetchall()

    assert counted == [
        ("all records", *pair_counts(records)),
        ("identified records", 0, 0, 0),
        ("named records", *pair_counts([record for record in records if record[2]])),
    ]


def pair_counts(records: Sequence[tuple[str, str, bool]]) -> tuple[int, int, int]:
    """Count the pairs that are one person, those that were joined, and those that are both."""
    pairs = list(combinations(records, 2))
    together = [one[0] == other[0] for one, other in pairs]
    joined = [one[1] == other[1] for one, other in pairs]
    both = sum(a and b for a, b in zip(together, joined, strict=True))
    return sum(together), sum(joined), both


def test_a_score_below_its_bar_stops_the_run_before_any_profile_follows(stage: BuiltStage) -> None:
    held = ("identity.identity_history", "identity.identity_map", "identity.profile_aliases")
    earlier = {table: stage.rows(f"from {table} order by all") for table in held}
    # A merge that would follow, and labels by which strangers are one person.
    stage.execute(
        "update conformed.customer_records set email = 'ben@web.example' "
        "where record_id = 's:benjamin'"
    )
    strangers = list(combinations((f"s:many{number}" for number in range(16)), 2))[:ENOUGH]
    stage.label(*(f"{one},{other},true,Kim,2026-05-01\n" for one, other in strangers))
    succeeded, output = stage.build()
    passed_by, refusal = stage.dbt("build", "--select", "identity_proposals+")

    assert not succeeded
    assert not passed_by, "who makes what comes after the scores goes past the bar"
    assert "Identities are not good enough for profiles to follow" in refusal
    assert (
        "of 100 pairs of records that are one person by the labels, 0.0 % were joined (recall), "
        "and least_identity_recall asks for 70.0 %. Profiles stay as they were."
    ) in output
    assert {table: stage.rows(f"from {table} order by all") for table in held} == earlier
    assert stage.rows(
        "select recall from identity.identity_scores "
        "where evidence = 'labels' and scope = 'identified records'"
    ) == [(0,)]

    stage.label(*(f"{one},{other},true,Kim,2026-05-01\n" for one, other in strangers[1:]))
    succeeded, output = stage.build()

    assert succeeded, f"fewer labels than make evidence stopped the run: {output}"
    # A label is no rule: had it been taken for one, the cause would be a change of rules.
    assert stage.rows("select change, cause from identity.identity_changes") == [
        ("merged", "changed value")
    ]


def test_labels_that_contradict_each_other_are_named(stage: BuiltStage) -> None:
    stage.label("s:anna,s:ben,true,Kim,2026-05-01\n", "s:ben,s:anna,false,Lou,2026-05-02\n")
    succeeded, output = stage.dbt("build", "--select", "identity_labels", "identity_scores")

    assert not succeeded
    assert (
        "seeds/identity_labels.csv contradicts itself: not one person: s:ben and s:anna (Lou, "
        "2026-05-02), but one person: s:anna and s:ben (Kim, 2026-05-01). Take one of these rows "
        "back"
    ) in output
