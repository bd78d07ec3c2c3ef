"""Scores of an identity map, against a count of every pair."""

from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.demo.evaluation import IdentityScores, pairwise_scores

Labels = list[tuple[str, str | None]]
"""Person and profile of each record; no profile means that the map lacks the record."""

LABELS = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.one_of(st.none(), st.sampled_from("pqrs"))),
    min_size=1,
    max_size=25,
)


def scores_of(labels: Labels, folder: Path) -> IdentityScores:
    truth = folder / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "create table truth (source text, source_record_id text, person_id text)"
        )
        connection.execute(
            "create table identity_map (source text, source_record_id text, profile_id text)"
        )
        for number, (person, profile) in enumerate(labels):
            connection.execute("insert into truth values ('crm', ?, ?)", [str(number), person])
            if profile is not None:
                connection.execute(
                    "insert into identity_map values ('crm', ?, ?)", [str(number), profile]
                )
        connection.execute(
            "insert into identity_map values ('crm', 'unknown to the truth', 'p'), "
            "('shop', '0', 'q')"
        )
        connection.execute(f"copy truth to '{truth}' (format parquet)")
        return pairwise_scores(connection, truth, "identity_map")


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(labels=LABELS)
def test_pairs_are_counted_as_if_each_were_looked_at(labels: Labels, tmp_path: Path) -> None:
    pairs = list(combinations(labels, 2))
    together = [first[0] == second[0] for first, second in pairs]
    joined = [first[1] is not None and first[1] == second[1] for first, second in pairs]
    scores = scores_of(labels, tmp_path)
    assert scores.true_pairs == sum(together)
    assert scores.predicted_pairs == sum(joined)
    assert scores.correct_pairs == sum(a and b for a, b in zip(together, joined, strict=True))


def test_scores_follow_from_the_counts(tmp_path: Path) -> None:
    # Right pairs: three of A, one of B. Joined: A's first two with B's first, so one pair is right.
    scores = scores_of([("A", "p"), ("A", "p"), ("A", "q"), ("B", "p"), ("B", None)], tmp_path)
    assert (scores.true_pairs, scores.predicted_pairs, scores.correct_pairs) == (4, 3, 1)
    assert scores.precision == pytest.approx(1 / 3)
    assert scores.recall == pytest.approx(1 / 4)
    assert scores.f1 == pytest.approx(2 / 7)


def test_what_cannot_be_computed_is_none(tmp_path: Path) -> None:
    scores = scores_of([("A", "p"), ("B", "q")], tmp_path)
    assert (scores.precision, scores.recall, scores.f1) == (None, None, None)
