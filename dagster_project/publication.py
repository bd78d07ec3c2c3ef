"""The copy of the results that analysts open while the warehouse is being written.

Belongs here: what is published, and how it takes the old copy's place. Does not belong here: when
that happens (`definitions`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ibis.backends.duckdb import Backend

_READ_ONLY = 0o444


def publish(
    connection: Backend,
    target: Path,
    *,
    profile_columns: Sequence[str],
    segments: Sequence[str],
) -> Mapping[str, int]:
    """Write the published copy beside the old one, then put it in its place.

    A reader sees the old copy or the new one, never half of one; one who has the old copy open
    keeps it until he closes it.

    Published are `profiles.profiles` without personal columns, one table `segments.<name>` with
    the current members of each segment, and the tables of `metrics`.

    Args:
        connection: The warehouse.
        target: The published file.
        profile_columns: The columns of a profile that hold no personal data.
        segments: The names of the segments.

    Returns:
        The number of rows by table, as `schema.table`.
    """
    queries = _published_tables(connection, profile_columns, segments)
    target.parent.mkdir(parents=True, exist_ok=True)
    # One name, so that what a killed run left is cleared by the next one.
    beside = target.with_name(f".{target.name}.next")
    _remove(beside)
    try:
        rows = _copy(connection, beside, queries)
        beside.chmod(_READ_ONLY)
        beside.replace(target)
    finally:
        _remove(beside)
    return rows


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        file.unlink(missing_ok=True)


def _published_tables(
    connection: Backend, profile_columns: Sequence[str], segments: Sequence[str]
) -> Mapping[str, str]:
    columns = ", ".join(f'"{column}"' for column in profile_columns)
    profiles = {"profiles.profiles": f"select {columns} from profiles.profiles order by profile_id"}
    members = {
        f"segments.{segment}": f"""
            select profile_id, entered_on
            from metrics.segment_memberships
            where segment = '{segment}' and exited_on is null
            order by profile_id
        """
        for segment in segments
    }
    metrics = {
        f"metrics.{table}": f"from metrics.{table} order by all"
        for table in connection.list_tables(database="metrics")
    }
    return {**profiles, **members, **metrics}


def _copy(connection: Backend, file: Path, queries: Mapping[str, str]) -> Mapping[str, int]:
    engine = connection.con
    rows = {}
    quoted = str(file).replace("'", "''")
    engine.execute(f"attach '{quoted}' as published")
    try:
        for schema in sorted({table.partition(".")[0] for table in queries}):
            engine.execute(f"create schema published.{schema}")
        for table, query in queries.items():
            engine.execute(f"create table published.{table} as {query}")
            counted = engine.sql(f"select count(*) from published.{table}").fetchone()
            rows[table] = counted[0] if counted else 0
    finally:
        engine.execute("detach published")
    return rows
