"""How good identities are by what is known of who is who, as people read it.

Belongs here: reading `identity.identity_scores`. Does not belong here: computing them (dbt), and
the bars below which a run stops (the dbt test on that table).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ibis.backends.duckdb import Backend

from dagster_project.markdown import markdown_table

_MEASURES = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Scores:
    """The scores by one evidence over one scope; null where nothing could be computed.

    Attributes:
        evidence: `labels` or `truth`.
        scope: `all records`, `identified records` or `named records`.
        precision: The share of the joined pairs of records that are one person.
        recall: The share of the pairs that are one person that were joined.
        f1: The harmonic mean of the two.
    """

    evidence: str
    scope: str
    precision: float | None
    recall: float | None
    f1: float | None


def read_scores(connection: Backend) -> Sequence[Scores]:
    """Read the scores of the last run; none where there are none yet.

    Args:
        connection: The warehouse.
    """
    known = connection.con.execute(
        "select 1 from information_schema.tables "
        "where table_schema = 'identity' and table_name = 'identity_scores'"
    )
    if not known.fetchall():
        return []
    rows = connection.con.sql(
        "select evidence, scope, precision, recall, f1 from identity.identity_scores "
        "order by evidence, scope"
    ).fetchall()
    return [Scores(*row) for row in rows]


def compare_scores(before: Sequence[Scores], after: Sequence[Scores]) -> str:
    """Set the scores of two runs side by side, in Markdown.

    Args:
        before: Those of the one.
        after: Those of the other; what it has no evidence for is left out.
    """
    rows = list(_compared(before, after))
    if not rows:
        return "Nothing is known of who is who, so there are no scores."
    return markdown_table(("score", "by", "of", "before", "after"), rows, numbers=2)


def _compared(before: Sequence[Scores], after: Sequence[Scores]) -> Iterator[tuple[str, ...]]:
    earlier = {(scores.evidence, scores.scope): scores for scores in before}
    for scores in after:
        former = earlier.get((scores.evidence, scores.scope))
        for measure in _MEASURES:
            now = getattr(scores, measure)
            then = getattr(former, measure, None)
            if now is not None:
                yield measure, scores.evidence, scores.scope, _cell(then), _cell(now)


def _cell(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}"
