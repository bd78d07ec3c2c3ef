"""What the rules of now would change about profiles, before any table follows.

Belongs here: reading `identity.identity_pending_changes` for people. Does not belong here: how it
came to be (dbt), and in which warehouse (`defs.identity.dry_run`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ibis.backends.duckdb import Backend

from dagster_project.markdown import markdown_table

_EXAMPLES = 10


@dataclass(frozen=True)
class Example:
    """A profile that gives records to another one.

    Attributes:
        previous_profile_id: The profile that gives them.
        profile_id: The one that they come to.
        cause: What brings it about.
        records: How many.
    """

    previous_profile_id: str
    profile_id: str
    cause: str
    records: int


@dataclass(frozen=True)
class PendingChanges:
    """What would change.

    Attributes:
        profiles: How many profiles there would be.
        merged: How many would be given up, their records coming to others.
        split: How many would live on and lose records to others.
        added: How many records have no profile yet.
        removed: How many records would leave theirs for none.
        largest: The profiles with the most records, as they would be: id and number of records,
            the largest first.
        merges: Examples of the largest merges.
        splits: Examples of the largest splits.
        idle_decisions: Examples of decisions that change nothing, since the warehouse does not
            have one of the two records: the pair, and the record.
    """

    profiles: int
    merged: int
    split: int
    added: int
    removed: int
    largest: Sequence[tuple[str, int]]
    merges: Sequence[Example]
    splits: Sequence[Example]
    idle_decisions: Sequence[tuple[str, str, str]]

    def as_markdown(self) -> str:
        """Write it for people: ids and numbers, no personal data."""
        summary = (
            f"{self.merged:,} profiles would be merged into others, {self.split:,} would be split; "
            f"{self.profiles:,} profiles in all. {self.added:,} records are new, "
            f"{self.removed:,} are gone."
        )
        tables = [markdown_table(("largest profiles", "records"), self.largest, numbers=1)]
        for title, examples in (("merged", self.merges), ("split", self.splits)):
            if examples:
                headings = (f"{title}, such as", "records to", "cause", "records")
                rows = (
                    (
                        example.previous_profile_id,
                        example.profile_id,
                        example.cause,
                        example.records,
                    )
                    for example in examples
                )
                tables.append(markdown_table(headings, rows, numbers=1))
        if self.idle_decisions:
            missing = ("decided, such as", "and", "no such record")
            tables.append(markdown_table(missing, self.idle_decisions))
        return "\n\n".join([summary, *tables])


def read_pending_changes(connection: Backend) -> PendingChanges:
    """Read what is pending in a warehouse.

    Args:
        connection: The warehouse, with identity_proposals and identity_pending_changes built.
    """
    query = connection.con.sql
    ((profiles,),) = query(
        "select count(distinct profile_id) from identity.identity_proposals"
    ).fetchall()
    counts = dict(
        query(
            """
            select
                change,
                case
                    when change in ('merged', 'split') then count(distinct previous_profile_id)
                    else count(*)
                end
            from identity.identity_pending_changes
            group by change
            """
        ).fetchall()
    )
    largest = query(
        f"""
        select profile_id, count(*) as record_count
        from identity.identity_proposals
        group by profile_id
        order by record_count desc, profile_id
        limit {_EXAMPLES}
        """
    ).fetchall()

    def examples(change: str) -> list[Example]:
        rows = connection.con.execute(
            f"""
            select previous_profile_id, profile_id, min(cause), count(*) as record_count
            from identity.identity_pending_changes
            where change = ?
            group by previous_profile_id, profile_id
            order by record_count desc, previous_profile_id, profile_id
            limit {_EXAMPLES}
            """,
            [change],
        ).fetchall()
        return [Example(*row) for row in rows]

    idle_decisions = query(
        f"""
        select
            overrides.record_id_a,
            overrides.record_id_b,
            unknown.record_id
        from identity.identity_overrides as overrides
        inner join (
            select record_id_a as record_id from identity.identity_overrides
            union
            select record_id_b from identity.identity_overrides
            except
            select record_id from conformed.customer_records
        ) as unknown on unknown.record_id in (overrides.record_id_a, overrides.record_id_b)
        order by all
        limit {_EXAMPLES}
        """
    ).fetchall()
    return PendingChanges(
        profiles=profiles,
        **{change: counts.get(change, 0) for change in ("merged", "split", "added", "removed")},
        largest=largest,
        merges=examples("merged"),
        splits=examples("split"),
        idle_decisions=idle_decisions,
    )
