"""Judges identities against the truth: of all pairs of records, which belong together?

What belongs here: scores of an identity map. What does not: how identities are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True)
class IdentityScores:
    """How well the pairs of records that were joined are those that belong to one person.

    A score is None where there is nothing to divide by: no pair was joined, or none belongs
    together.
    """

    precision: float | None
    """Share of the joined pairs that are right."""
    recall: float | None
    """Share of the right pairs that were joined."""
    f1: float | None
    """Harmonic mean of the two."""
    true_pairs: int
    predicted_pairs: int
    correct_pairs: int


def pairwise_scores(
    connection: duckdb.DuckDBPyConnection,
    truth_path: Path,
    identity_map: str = "identity.identity_map",
) -> IdentityScores:
    """Score an identity map over the records that the truth knows.

    Pairs are counted by group sizes, n (n - 1) / 2, and never made, so millions of records are no
    trouble. A record of the truth that the map lacks counts as joined to no other. Records that the
    truth lacks do not count.

    Args:
        connection: Connection on which the identity map can be read.
        truth_path: ``people.parquet`` (source, source_record_id, person_id).
        identity_map: Relation with source, source_record_id and profile_id.

    Returns:
        Precision, recall and F1, and the counts that they come from.
    """
    true_pairs, predicted_pairs, correct_pairs = connection.execute(
        f"""
        with records as (
            select
                truth.person_id,
                identity_map.profile_id
            from read_parquet($truth_path) as truth
            left join {identity_map} as identity_map
                on truth.source = identity_map.source
                and truth.source_record_id = identity_map.source_record_id
        ),

        groups as (
            select
                grouping(person_id, profile_id) as kind,
                count(*) as size
            from records
            group by grouping sets ((person_id), (profile_id), (person_id, profile_id))
            -- A record without a profile is joined to nothing.
            having grouping(profile_id) = 1 or profile_id is not null
        )

        select
            coalesce(sum(size * (size - 1) // 2) filter (where kind = 1), 0)::bigint,
            coalesce(sum(size * (size - 1) // 2) filter (where kind = 2), 0)::bigint,
            coalesce(sum(size * (size - 1) // 2) filter (where kind = 0), 0)::bigint
        from groups
        """,
        {"truth_path": str(truth_path)},
    ).fetchall()[0]
    precision = _share(correct_pairs, predicted_pairs)
    recall = _share(correct_pairs, true_pairs)
    return IdentityScores(
        precision=precision,
        recall=recall,
        # The harmonic mean, from the counts.
        f1=_share(2 * correct_pairs, true_pairs + predicted_pairs),
        true_pairs=true_pairs,
        predicted_pairs=predicted_pairs,
        correct_pairs=correct_pairs,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
