"""What a segment would hold on a day, before it is built: nothing is written anywhere.

Belongs here: reading that from the warehouse. Does not belong here: the SQL's words and places
(`source_sql`), and how a person sees the result (`__main__`).
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from ibis.backends.duckdb import Backend
from sqlglot import exp

from dagster_project.segments.source_sql import (
    DIALECT,
    PreviewError,
    SegmentFile,
    conditions,
    conditions_as_written,
    no_such_column,
    offset_in_source,
    parse_segment,
)

_STAGES_BY_DAY = ("features", "segments")
_POPULATION = "features.profile_features"
_BUILDS = "metrics.segment_builds"
"""Which segments were built for which days: on a day without anybody they leave no rows."""
_TYPICAL_MEMBERS = 5
_NUMERIC = re.compile(r"BIGINT|INTEGER|DOUBLE|FLOAT|DECIMAL.*|HUGEINT|SMALLINT|TINYINT")
_UNKNOWN_COLUMN = re.compile(r'(?:Referenced column|column named) "([^"]+)"')
_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")
_HOLD = "create or replace temp table previewed as\n"


@dataclass(frozen=True)
class Overlap:
    """How many members another segment has, and how many of them are in this one too."""

    segment: str
    members: int
    shared: int


@dataclass(frozen=True)
class Preview:
    """What a segment would hold on a day.

    Attributes:
        as_of: The day.
        population: How many people there are.
        size: How many of them are in the segment.
        steps: The conditions that all have to hold, with how many are left by each after those
            before it.
        overlaps: The segments that were built for the day, the largest overlap first.
        typical_members: Members near the middle in the features that the conditions read.
        typical_by: These features.
    """

    as_of: date
    population: int
    size: int
    steps: Sequence[tuple[str, int]]
    overlaps: Sequence[Overlap]
    typical_members: Sequence[str]
    typical_by: Sequence[str]


def newest_day(connection: Backend) -> date:
    """Tell the newest day that features were built for.

    Raises:
        PreviewError: There is none.
    """
    days = [
        row[0]
        for table in (_POPULATION, _BUILDS)
        for row in _rows(connection, f"select max(as_of) from {table}")
        if row[0]
    ]
    if not days:
        raise PreviewError(
            f"{_POPULATION} was not built for any day. Materialize features/profile_features first."
        )
    newest: date = max(days)
    return newest


def preview(connection: Backend, segment: SegmentFile, compiled: str, as_of: date) -> Preview:
    """Read what a segment would hold.

    Args:
        connection: The warehouse; to read from is enough.
        segment: The segment.
        compiled: Its SQL as dbt compiles it.
        as_of: The day.

    Raises:
        PreviewError: The SQL cannot be run, its result is no segment, or the day was not built. The
            text points to the place.
    """
    tree = parse_segment(segment, compiled)
    engine = connection.con
    # As dbt does: what is divided by zero is unknown.
    engine.execute("set ieee_floating_point_ops = false")
    population = _count(connection, f"select count(*) from {_POPULATION} where as_of = '{as_of}'")
    if not population and not _rows(connection, f"from {_BUILDS} where as_of = '{as_of}' limit 1"):
        raise PreviewError(
            f"{_POPULATION} was not built for {as_of}. Its newest day is {newest_day(connection)}."
        )
    if population:
        _require_built_tables(connection, segment, compiled, tree, as_of)
    _hold_members(connection, segment, compiled, tree, as_of)
    size = _require_members(connection, segment, as_of)
    others = [
        name
        for name in connection.list_tables(database="segments")
        if name != segment.name and _is_built(connection, "segments", name, as_of)
    ]
    typical_by = _features_read(connection, tree)
    return Preview(
        as_of=as_of,
        population=population,
        size=size,
        steps=_steps(connection, segment, tree, as_of),
        overlaps=sorted(
            (_overlap(connection, name, as_of) for name in others),
            key=lambda one: (-one.shared, one.segment),
        ),
        typical_members=_typical_members(connection, typical_by, as_of),
        typical_by=typical_by,
    )


def _count(connection: Backend, query: str) -> int:
    found = connection.con.execute(query).fetchone()
    return int(found[0]) if found else 0


def _rows(connection: Backend, query: str) -> Sequence[tuple[Any, ...]]:
    """Query a table that may not be there yet."""
    try:
        rows: list[tuple[Any, ...]] = connection.con.execute(query).fetchall()
    except duckdb.CatalogException:
        return []
    return rows


def _tables_by_day(tree: exp.Expr) -> list[exp.Table]:
    """The tables that a query reads which have days, in the order of their places."""
    tables = (table for table in tree.find_all(exp.Table) if table.db in _STAGES_BY_DAY)
    return sorted(tables, key=_start)


def _start(table: exp.Table) -> int:
    return min(int(part.meta["start"]) for part in table.parts)


def _require_built_tables(
    connection: Backend, segment: SegmentFile, compiled: str, tree: exp.Expr, as_of: date
) -> None:
    """Refuse a table that was not built for the day: nobody would be in it."""
    existing = {
        (stage, name)
        for stage in _STAGES_BY_DAY
        for (name,) in _rows(
            connection,
            f"select table_name from information_schema.tables where table_schema = '{stage}'",
        )
    }
    for table in _tables_by_day(tree):
        # What was never built the engine will name.
        place = (table.db, table.name)
        if place not in existing or _is_built(connection, *place, as_of):
            continue
        raise PreviewError(
            f"{segment.place(offset_in_source(segment, compiled, table.this.meta['start']))}"
            f"{table.db}.{table.name} was not built for {as_of}. Materialize "
            f"{table.db}/{table.name} for this day first, or look at another day."
        )


def _is_built(connection: Backend, stage: str, table: str, as_of: date) -> bool:
    in_it = f"from {stage}.{table} where as_of = '{as_of}' limit 1"
    recorded = f"from {_BUILDS} where segment = '{table}' and as_of = '{as_of}'"
    return bool(_rows(connection, in_it) or (stage == "segments" and _rows(connection, recorded)))


@dataclass(frozen=True)
class _QueryOfDay:
    """A compiled query as it is run, in which tables show the one day, as dbt lets them.

    Attributes:
        text: The query.
        starts: Where its parts begin: by turns what was left, and a table that shows the day.
        origins: Where these begin in the compiled query.
    """

    text: str
    starts: Sequence[int]
    origins: Sequence[int]

    @classmethod
    def of(cls, compiled: str, tree: exp.Expr, as_of: date) -> "_QueryOfDay":
        """Put the day into the compiled query, and leave all else where it is."""
        text, starts, origins, done = "", [0], [0], 0
        for table in _tables_by_day(tree):
            start = _start(table)
            end = max(int(part.meta["end"]) for part in table.parts) + 1
            alias = "" if table.alias else f' as "{table.name}"'
            starts.append(len(text) + start - done)
            origins.append(int(table.this.meta["start"]))
            text += compiled[done:start] + (
                f"(select * from {table.db}.{table.name} where as_of = cast('{as_of}' as date))"
                f"{alias}"
            )
            starts.append(len(text))
            origins.append(end)
            done = end
        return cls(text + compiled[done:], starts, origins)

    def offset_in_compiled(self, offset: int) -> int:
        """Find the place in the compiled query that a place in the text comes from."""
        part = bisect_right(self.starts, offset) - 1
        was_left = part % 2 == 0
        return self.origins[part] + (offset - self.starts[part] if was_left else 0)


def _hold_members(
    connection: Backend, segment: SegmentFile, compiled: str, tree: exp.Expr, as_of: date
) -> None:
    """Compute what the segment would hold into a temporary table of this connection."""
    query = _QueryOfDay.of(compiled, tree, as_of)
    connection.con.execute("set errors_as_json = true")
    try:
        connection.con.execute(_HOLD + query.text)
    except duckdb.Error as error:
        said = json.loads(f"{{{str(error).partition('{')[2]}")
        raise _explained(connection, segment, compiled, query, said) from None
    finally:
        connection.con.execute("set errors_as_json = false")


def _explained(
    connection: Backend,
    segment: SegmentFile,
    compiled: str,
    query: _QueryOfDay,
    said: Mapping[str, str],
) -> PreviewError:
    """Say where in the segment's file the engine found what is wrong."""
    message = " ".join(said["exception_message"].split())
    if match := _UNKNOWN_COLUMN.search(message):
        known = connection.table("profile_features", database="features").columns
        message = no_such_column(match[1], known) + " A new feature is there once a day was run."
    elif match := _UNKNOWN_TABLE.search(message):
        message = (
            f"The table {match[1]} was not built yet. Materialize it first, or name another one."
        )
    if "position" not in said:
        return segment.complaint(message)
    # The engine counts bytes.
    before = (_HOLD + query.text).encode()[: int(said["position"])].decode(errors="ignore")
    place = query.offset_in_compiled(len(before) - len(_HOLD))
    return PreviewError(f"{segment.place(offset_in_source(segment, compiled, place))}{message}")


def _require_members(connection: Backend, segment: SegmentFile, as_of: date) -> int:
    """Refuse what is no segment, and tell how many members there are."""
    columns = [row[0] for row in connection.con.execute("describe previewed").fetchall()]
    if columns != ["profile_id", "as_of"]:
        raise PreviewError(
            f"{segment.path}: a segment has the columns profile_id and as_of, this one has "
            f"{', '.join(columns)}."
        )
    size = _count(connection, "select count(*) from previewed")
    if twice := size - _count(connection, "select count(distinct profile_id) from previewed"):
        raise PreviewError(
            f"{segment.path}: {twice} of {size} rows are of somebody who is in it already, or of "
            "nobody. Join only to one row a person, or select distinct."
        )
    strangers = _count(
        connection,
        f"""
        select count(*) from previewed
        where (profile_id, as_of) not in (
            select (profile_id, as_of) from {_POPULATION} where as_of = '{as_of}'
        )
        """,
    )
    if strangers:
        raise PreviewError(
            f"{segment.path}: {strangers} of {size} rows are of nobody in {_POPULATION} on "
            f"{as_of}. Select profile_id and as_of from there."
        )
    return size


def _steps(
    connection: Backend, segment: SegmentFile, tree: exp.Query, as_of: date
) -> list[tuple[str, int]]:
    parts = conditions(tree)
    steps = []
    for number, words in enumerate(conditions_as_written(segment, tree), start=1):
        so_far = tree.copy()
        so_far.set("where", exp.Where(this=exp.and_(*(part.copy() for part in parts[:number]))))
        compiled = so_far.sql(dialect=DIALECT)
        # Parsed again: the places of its tables are those in this text.
        query = _QueryOfDay.of(compiled, parse_segment(segment, compiled), as_of)
        try:
            left = _count(connection, f"select count(*) from ({query.text})")
        except duckdb.Error as error:
            # The engine asks in its own order, and may never ask this of whom it fails for.
            said, *_ = str(error).splitlines()
            raise segment.complaint(f"'{words}' fails by itself: {said}") from None
        steps.append((words, left))
    return steps


def _overlap(connection: Backend, segment: str, as_of: date) -> Overlap:
    found = connection.con.execute(
        f"""
        select count(*), count(*) filter (profile_id in (select profile_id from previewed))
        from segments.{segment}
        where as_of = ?
        """,
        [as_of],
    ).fetchone()
    members, shared = found or (0, 0)
    return Overlap(segment, members, shared)


def _features_read(connection: Backend, tree: exp.Query) -> list[str]:
    """The numeric features that the conditions read; all there are where they read none."""
    described = connection.con.execute(f"describe {_POPULATION}").fetchall()
    numeric = [name for name, kind, *_ in described if _NUMERIC.fullmatch(kind)]
    read = {
        column.name
        for condition in conditions(tree)
        for column in condition.find_all(exp.Column)
        if column.parent_select is tree
    }
    return [name for name in numeric if name in read] or numeric


def _typical_members(connection: Backend, features: Sequence[str], as_of: date) -> list[str]:
    """The members whose ranks among the members are nearest to the middle."""
    if not features:
        return []
    distances = " + ".join(
        f"coalesce(abs(percent_rank() over (order by {name}) - 0.5), 0.5)" for name in features
    )
    rows = connection.con.execute(
        f"""
        select profile_id
        from (
            select profile_id, {distances} as distance
            from {_POPULATION}
            where as_of = ? and profile_id in (select profile_id from previewed)
        )
        order by distance, profile_id
        limit {_TYPICAL_MEMBERS}
        """,
        [as_of],
    ).fetchall()
    return [profile_id for (profile_id,) in rows]
