"""Loading a range of landing days of one table: read, judge, then change `raw` in one step.

Belongs here: the order of things, and what each finding means for its row or its table. Does not
belong here: how files are read (`reading`), values judged (`expectations`), `raw` written
(`raw_tables`).

What a rerun means: a day with files in landing holds afterwards what they hold now. A day that
was loaded before and whose files are all gone, as after archiving, keeps its rows and records, and
the result names it; what empties a day is an empty delivery, such as a CSV file with a header
alone. Until the last step everything happens in temporary tables, so a table that is rejected is as
it was before.

What a missed day means: a landed file of a day before the range that was never loaded, since it
came late or its load failed, is named each time until it is loaded, for no later range would look
at it. A table that must be complete is not loaded until then.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
from ibis.backends.duckdb import Backend

from dagster_project.engine import transaction
from dagster_project.ingestion import raw_tables
from dagster_project.ingestion.contracts import FileFormat, SourceTable
from dagster_project.ingestion.errors import TableRejectedError
from dagster_project.ingestion.expectations import ExpectationError, Judge, Rule, column_of
from dagster_project.ingestion.files import (
    LandedFile,
    UnreadableFileError,
    examine,
    find_files,
)
from dagster_project.ingestion.raw_tables import Extent
from dagster_project.ingestion.reading import Rulebook, number_rows, read_rows, shapes_of
from dagster_project.ingestion.results import ExpectationOutcome, LoadResult, first_few
from dagster_project.ingestion.sql import identifier, literals

_MOST_ROWS_NAMED = 20
_MOST_COLUMNS_NAMED = 50
# A name of another shape may be data, such as the keys of an object by e-mail address.
_SHOWABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def load_table(
    warehouse: Backend,
    source: str,
    table: SourceTable,
    *,
    landing: Path,
    first_day: date,
    last_day: date,
) -> LoadResult:
    """Load a range of landing days of one table.

    Args:
        warehouse: An open warehouse, see `engine.open_warehouse`.
        source: The source's name, the first part of the table's name in `raw`.
        table: The table's contract.
        landing: The landing folder.
        first_day: The first landing day.
        last_day: The last landing day, included.

    Returns:
        What was read, loaded and rejected.

    Raises:
        TableRejectedError: When a file cannot be read or lacks a column, a critical expectation
            of the whole table fails on a day, a day has more rejected rows than allowed, or the
            table must be complete and files of earlier days were never loaded. Nothing has changed
            then.
    """
    load = _Load(warehouse, Extent(source, table, first_day, last_day), landing)
    try:
        return load.run()
    finally:
        load.clear()


class _Load:
    """One load; its temporary tables are named `ingested_…` and live as long as it does."""

    def __init__(self, warehouse: Backend, extent: Extent, landing: Path) -> None:
        self._warehouse = warehouse
        self._connection: duckdb.DuckDBPyConnection = warehouse.con
        self._extent = extent
        self._table = extent.table
        self._landing = landing
        self._missed_days: list[date] = []
        self._rulebook = Rulebook()
        self._unknown_columns: set[str] = set()
        self._outcomes: list[ExpectationOutcome] = []

    def run(self) -> LoadResult:
        """Read, judge, publish."""
        self._reject_if(raw_tables.conflicts(self._connection, self._extent))
        files = self._examined_files()
        self._read(files)
        self._judge(files)
        return self._publish(files)

    def clear(self) -> None:
        """Drop the temporary tables."""
        made = self._connection.execute(
            "select view_name, 'view' from duckdb_views() where temporary "
            "and starts_with(view_name, 'ingested_') union all "
            "select table_name, 'table' from duckdb_tables() where temporary "
            "and starts_with(table_name, 'ingested_')"
        ).fetchall()
        for name, kind in made:
            self._connection.execute(f"drop {kind} if exists temp.{name}")

    def _reject_if(self, problems: Sequence[str]) -> None:
        if problems:
            raise TableRejectedError(self._extent.name, problems, self._outcomes)

    def _examined_files(self) -> list[LandedFile]:
        if not self._landing.is_dir():
            self._reject_if(
                ["the landing folder is not there. Mount it, or correct SEGMENTATION_HOME"]
            )
        found = find_files(self._landing, self._table, self._extent.last_day)
        landed = [(day, path.relative_to(self._landing).as_posix()) for day, path in found]
        self._missed_days = raw_tables.days_missed(self._connection, self._extent, landed)
        self._problems = self._missed() if self._table.must_be_complete else []
        files = []
        for landed_on, path in found:
            if landed_on < self._extent.first_day:
                continue
            try:
                files.append(examine(self._landing, self._table, landed_on, path))
            except UnreadableFileError as error:
                name = path.relative_to(self._landing).as_posix()
                self._problems.append(f"landing/{name}: {error}")
        return files

    def _missed(self) -> list[str]:
        days = self._missed_days
        if not days:
            return []
        sentence = (
            f"landing/{self._table.path}: files of {len(days):,} earlier days were never "
            f"loaded: {first_few(days)}. Nobody may act on this table while a part of it is "
            "missing (`max_rejected_rows`): materialise those days of it first (what landed "
            "before the first partition belongs to that one); move away a file that is not to be "
            "loaded"
        )
        return [sentence]

    def _read(self, files: Sequence[LandedFile]) -> None:
        shapes, problems = shapes_of(self._connection, self._table, files)
        # All bad files are named at once, so that they are mended at once.
        self._reject_if([*self._problems, *problems])
        self._reject_if(read_rows(self._connection, self._table, files, shapes, self._rulebook))
        number_rows(self._connection)
        found = {name for shape in shapes.values() for name in shape.columns}
        if self._table.format is FileFormat.NDJSON:
            keys = self._keys_by_file()
            self._reject_if(self._never_delivered(files, keys))
            found = set().union(*keys.values())
        self._unknown_columns = found - set(self._table.columns)

    def _keys_by_file(self) -> dict[int, set[str]]:
        keys: dict[int, set[str]] = {}
        for file, name in self._connection.execute("from ingested_keys").fetchall():
            keys.setdefault(file, set()).add(name)
        return keys

    def _never_delivered(self, files: Sequence[LandedFile], keys: dict[int, set[str]]) -> list[str]:
        """An object may leave out what is null, so a missing column shows in all rows only."""
        files_with_rows = self._connection.execute(
            "select distinct _file from ingested_rows order by all"
        ).fetchall()
        return [
            f"landing/{files[file].name}: the column {name} is missing from every row; "
            "have the source deliver it"
            for (file,) in files_with_rows
            for name in self._table.required_columns
            if name not in keys.get(file, ())
        ]

    def _judge(self, files: Sequence[LandedFile]) -> None:
        self._connection.execute(
            """
            create or replace temp table ingested_findings as
            select _row, cast(unnest(string_split(_broken, ',')) as integer) as rule
            from ingested_numbered
            where _broken is not null
            """
        )
        expectations = self._table.all_expectations
        rules = [Rule(self._rulebook.add(one.reason), one) for one in expectations if files]
        try:
            judge = Judge(self._table, rules)
            self._judge_rows(judge)
            self._reject_repeated_keys()
            self._select_accepted(files)
            self._judge_days(judge, files)
        except ExpectationError as error:
            self._reject_if([f"table {self._table.name}: {error}"])

    def _judge_rows(self, judge: Judge) -> None:
        connection = self._connection
        connection.execute(
            "create or replace temp table ingested_breaches (_row bigint, rule integer)"
        )
        for columns, failing in judge.failing_values(connection, "ingested_rows"):
            self._insert_breaches(columns, failing)
        counted = dict(
            connection.execute(
                "select rule, count(*) from ingested_breaches group by rule"
            ).fetchall()
        )
        evaluated = self._count("ingested_rows")
        for rule in judge.row_rules:
            self._outcomes.append(
                ExpectationOutcome(
                    rule.expectation.label,
                    rule.expectation.severity,
                    "row",
                    evaluated,
                    counted.get(rule.number, 0),
                )
            )
        critical = [
            rule.number for rule in judge.row_rules if rule.expectation.severity == "critical"
        ]
        connection.execute(
            "insert into ingested_findings select * from ingested_breaches "
            "where list_contains(?::integer[], rule)",
            [critical],
        )

    def _insert_breaches(self, columns: tuple[str, ...], failing: pd.DataFrame) -> None:
        same = " and ".join(
            f"{column_of('ingested', name)} is not distinct from ingested_values.{identifier(name)}"
            for name in columns
        )
        self._connection.register("ingested_failing", failing)
        try:
            self._connection.execute(
                f"""
                insert into ingested_breaches
                select ingested.rowid, failing.rule
                from ingested_failing as failing
                join ingested_values on failing.value = ingested_values._value
                join ingested_rows as ingested on {same}
                """
            )
        finally:
            self._connection.unregister("ingested_failing")

    def _reject_repeated_keys(self) -> None:
        """Of a landing day's rows with one key, the last that is good otherwise stays.

        Files carry changes in the order in which they happened.
        """
        key = ", ".join(identifier(name) for name in self._table.key)
        number = self._rulebook.number(self._replaced_reason)
        self._connection.execute(
            f"""
            insert into ingested_findings
            with
            candidates as (
                select rowid as _row, _file, _ordinal, _landed_on, {key}
                from ingested_rows as ingested
                where ingested.rowid not in (select _row from ingested_findings)
            ),
            repeated as (
                select _landed_on, {key} from candidates group by all having count(*) > 1
            )
            select _row, {number}
            from candidates semi join repeated using (_landed_on, {key})
            qualify row_number() over (
                partition by _landed_on, {key} order by _file desc, _ordinal desc
            ) > 1
            """
        )

    @property
    def _replaced_reason(self) -> str:
        key = ", ".join(self._table.key)
        return f"a later row of the landing day with the same key ({key}) replaced it"

    def _select_accepted(self, files: Sequence[LandedFile]) -> None:
        connection = self._connection
        connection.execute(
            "create or replace temp table ingested_files as select unnest(?::integer[]) as _file, "
            "unnest(?::date[]) as _landed_on, unnest(?::varchar[]) as source_file, "
            "unnest(?::varchar[]) as checksum, unnest(?::bigint[]) as size_bytes",
            [
                list(range(len(files))),
                [file.landed_on for file in files],
                [file.name for file in files],
                [file.checksum for file in files],
                [file.size_bytes for file in files],
            ],
        )
        columns = ", ".join(identifier(name) for name in self._table.columns)
        connection.execute(
            f"""
            create or replace temp view ingested_accepted as
            select {columns}, numbered._landed_on, numbered._file, source_file as _source_file,
                _source_row
            from ingested_numbered as numbered
            join ingested_files using (_file)
            where _row not in (select _row from ingested_findings)
            """
        )

    def _judge_days(self, judge: Judge, files: Sequence[LandedFile]) -> None:
        days = sorted({file.landed_on for file in files})
        failed: dict[int, list[date]] = {}
        for number, day in judge.failing_days(self._connection, "ingested_accepted", days):
            failed.setdefault(number, []).append(day)
        problems = []
        for rule in judge.table_rules:
            broken_on = failed.get(rule.number, [])
            expectation = rule.expectation
            self._outcomes.append(
                ExpectationOutcome(
                    expectation.label, expectation.severity, "table", len(days), len(broken_on)
                )
            )
            if broken_on and expectation.severity == "critical":
                named = [file.name for file in files if file.landed_on in broken_on]
                problems += [
                    f"landing/{name}: the day's rows break {expectation.label}. Have the source "
                    "deliver the day again, or correct the expectation"
                    for name in named
                ]
        self._reject_if(problems)

    def _publish(self, files: Sequence[LandedFile]) -> LoadResult:
        self._gather_rejected()
        self._reject_if(self._excesses())
        self._gather_loads()
        with transaction(self._warehouse):
            raw_tables.prepare(self._connection, self._extent)
            kept_days = raw_tables.days_kept(self._connection, self._extent, files)
            raw_tables.replace_rows(self._connection, self._extent, files)
            raw_tables.replace_records(self._connection, self._extent, files)
        totals = self._connection.execute(
            "select coalesce(sum(rows_read), 0)::bigint, coalesce(sum(rows_loaded), 0)::bigint, "
            "coalesce(sum(rows_rejected), 0)::bigint from ingested_loads"
        ).fetchall()[0]
        showable = sorted(filter(_SHOWABLE_NAME.fullmatch, self._unknown_columns))
        named = showable[:_MOST_COLUMNS_NAMED]
        return LoadResult(
            table=self._extent.name,
            rows_read=totals[0],
            rows_loaded=totals[1],
            rows_rejected=totals[2],
            rows_in_table=self._count(self._extent.relation),
            files=[file.name for file in files],
            outcomes=self._outcomes,
            unknown_columns=named,
            more_unknown_columns=len(self._unknown_columns) - len(named),
            rejected_by_rule=self._rejected_by_rule(),
            replaced_by_rule=self._replaced_by_rule(),
            kept_days=kept_days,
            missed_days=self._missed_days,
        )

    def _gather_rejected(self) -> None:
        connection = self._connection
        connection.execute(
            "create or replace temp table ingested_rules as "
            "select unnest(range(len(?::varchar[]))) as rule, unnest(?::varchar[]) as sentence",
            [self._rulebook.sentences, self._rulebook.sentences],
        )
        connection.execute(
            """
            insert into ingested_findings
            select -1 - rowid, cast(unnest(string_split(_broken, ',')) as integer)
            from ingested_unreadable
            """
        )
        fields = ", ".join(
            f"{identifier(name)} := {identifier(name)}" for name in self._table.columns
        )
        connection.execute(
            f"""
            create or replace temp table ingested_rejected as
            with
            reasons as (
                select _row, string_agg(sentence, '; ' order by rule) as reason
                from (select distinct _row, rule from ingested_findings)
                join ingested_rules using (rule)
                group by _row
            ),
            rejected as (
                select _row, _file, _source_row,
                    coalesce(_row_text, cast(to_json(struct_pack({fields})) as varchar))
                        as row_text,
                    {self._says_something_expendable()} as _is_expendable
                from ingested_numbered
                where _row in (select _row from reasons)
                union all
                select -1 - rowid, _file, _line, _row_text, false from ingested_unreadable
            )
            select _landed_on, source_file as _source_file, _source_row, reason, row_text,
                _is_expendable
            from rejected
            join reasons using (_row)
            join ingested_files using (_file)
            order by all
            """
        )

    def _says_something_expendable(self) -> str:
        conditions = [
            f"coalesce(list_contains({literals(value.strip().lower() for value in values)}, "
            f"lower(trim({identifier(name)}))), false)"
            for name, values in self._table.expendable_rows.items()
        ]
        return " and ".join(conditions) or "false"

    def _gather_loads(self) -> None:
        self._connection.execute(
            """
            create or replace temp table ingested_loads as
            with
            loaded as (select _file, count(*) as rows_loaded from ingested_accepted group by all),
            rejected as (
                select _source_file as source_file, count(*) as rows_rejected
                from ingested_rejected
                group by all
            )
            select _landed_on, source_file, checksum, size_bytes,
                coalesce(rows_loaded, 0) + coalesce(rows_rejected, 0) as rows_read,
                coalesce(rows_loaded, 0) as rows_loaded,
                coalesce(rows_rejected, 0) as rows_rejected
            from ingested_files
            left join loaded using (_file)
            left join rejected using (source_file)
            order by all
            """
        )

    def _excesses(self) -> list[str]:
        """Name the rejected rows of the landing days that have more than the table's limit."""
        limit = self._table.max_rejected_rows
        if limit is None:
            return []
        rows = self._connection.execute(
            """
            select _source_file, _source_row, reason
            from ingested_rejected
            where reason != ? and not _is_expendable
            qualify count(*) over (partition by _landed_on) > ?
            order by all
            """,
            [self._replaced_reason, limit],
        ).fetchall()
        problems = [
            f"landing/{file}, row {row}: {reason}" for file, row, reason in rows[:_MOST_ROWS_NAMED]
        ]
        if len(rows) > len(problems):
            problems.append(f"{len(rows) - len(problems):,} more rows like these")
        if problems:
            problems.append(
                f"at most {limit} rejected rows are allowed in a landing day "
                "(`max_rejected_rows`). Have the source deliver the rows again, corrected"
                f"{self._expendable_hint()}"
            )
        return problems

    def _expendable_hint(self) -> str:
        said = " and ".join(
            f"{name} is {', '.join(values)}" for name, values in self._table.expendable_rows.items()
        )
        if not said:
            return ""
        return f"; not counted are rows whose {said} (`expendable_rows`), so add what does no harm"

    def _rejected_by_rule(self) -> dict[str, int]:
        return dict(
            self._connection.execute(
                """
                select sentence, count(distinct _row)
                from ingested_findings
                join ingested_rules using (rule)
                group by sentence
                order by count(distinct _row) desc, sentence
                """
            ).fetchall()
        )

    def _replaced_by_rule(self) -> dict[str, int]:
        return dict(
            self._connection.execute(
                """
                select sentence, count(*)
                from (
                    select cast(unnest(string_split(_replaced, ',')) as integer) as rule
                    from ingested_rows as ingested
                    where _replaced is not null
                        and ingested.rowid not in (select _row from ingested_findings)
                )
                join ingested_rules using (rule)
                group by sentence
                order by count(*) desc, sentence
                """
            ).fetchall()
        )

    def _count(self, relation: str) -> int:
        counted = self._connection.execute(f"select count(*) from {relation}").fetchone()
        return int(counted[0]) if counted else 0
