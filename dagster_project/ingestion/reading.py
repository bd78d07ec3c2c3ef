"""Reading landed files in sets: every row typed, or kept with the rules that it breaks.

Belongs here: how each format is scanned, how text becomes a declared type, how a row keeps its
number in its file. Does not belong here: expectations, keys and what becomes of the rows.

Files with the same header are one scan, whatever their number. These temporary tables come out:

* `ingested_rows`: one row for each that could be taken apart: `_file` (index into the files),
  `_ordinal` (increasing within a file), `_landed_on`, the declared columns, `_broken` (numbers of
  the rules that it breaks, joined by commas, or null), `_replaced` (the same of values that another
  one stands for), `_row_text` (as it was read, when either is set).
* `ingested_unreadable`: one row for each that could not: `_file`, `_line` (its row number in the
  file), `_broken`, `_row_text`.
* `ingested_keys`: `_file` and `name` of each key that an object of an NDJSON file has.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb

from dagster_project.ingestion import files as landed
from dagster_project.ingestion.contracts import Column, FileFormat, SourceTable
from dagster_project.ingestion.files import LandedFile, UnreadableFileError
from dagster_project.ingestion.sql import identifier, literal, literals

LONGEST_ROW_BYTES = 2_000_000

_CSV_FINDINGS = {
    "TOO MANY COLUMNS": "the row has more values than the header has columns",
    "MISSING COLUMNS": "the row has fewer values than the header has columns",
    "UNQUOTED VALUE": "a quoted value is not closed where it should be",
    "LINE SIZE OVER MAXIMUM": f"the row is longer than {LONGEST_ROW_BYTES:,} bytes",
    "INVALID ENCODING": "the row is not UTF-8",
}
_OTHER_FINDING = "the row cannot be taken apart"
_BLANK = "blank"
_IS_OBJECT = "json_valid(_text) and ltrim(_text)[1] = '{'"
_NO_OBJECT = "the line is no JSON object"
_SOURCE = "_source_"
_TYPE_NOUNS = {"integer": "whole number", "double": "number", "boolean": "yes or no"}


class Rulebook:
    """Numbers for rules, so that a row carries numbers and a rule's sentence is kept once."""

    def __init__(self) -> None:
        """Begin without rules."""
        self.sentences: list[str] = []

    def number(self, sentence: str) -> int:
        """Look up a rule's number; a new rule gets the next one."""
        if sentence not in self.sentences:
            return self.add(sentence)
        return self.sentences.index(sentence)

    def add(self, sentence: str) -> int:
        """Number a rule that may read like another one and still is its own."""
        self.sentences.append(sentence)
        return len(self.sentences) - 1


@dataclass(frozen=True)
class Shape:
    """What files must have in common to be one scan.

    Attributes:
        columns: The files' columns in their order; none for NDJSON, where each row has its own.
        engine_types: For Parquet, the columns' types in DuckDB.
        is_gzip: Whether they have to be unpacked.
        has_mixed_line_ends: Whether some lines end in a line feed, others with a carriage return
            before it.
        alone: For a file that must be scanned by itself, its name.
    """

    columns: tuple[str, ...]
    engine_types: tuple[str, ...] = ()
    is_gzip: bool = False
    has_mixed_line_ends: bool = False
    alone: str = ""


def shapes_of(
    connection: duckdb.DuckDBPyConnection, table: SourceTable, files: Sequence[LandedFile]
) -> tuple[dict[LandedFile, Shape], list[str]]:
    """Look at each file's header, or schema.

    Returns:
        The files' shapes, and a sentence for each file that cannot be read.
    """
    looks: dict[FileFormat, Callable[[LandedFile], Shape]] = {
        FileFormat.CSV: lambda file: Shape(
            landed.csv_header(file, table),
            is_gzip=file.is_gzip,
            # Scanned among others, DuckDB drops a last row whose quote stays open, silently.
            alone=file.name if file.has_open_quote else "",
        ),
        FileFormat.NDJSON: _ndjson_shape,
        FileFormat.PARQUET: _ParquetSchemas(connection, table, files),
    }
    look = looks[table.format]
    shapes: dict[LandedFile, Shape] = {}
    problems = []
    for file in files:
        try:
            shapes[file] = look(file)
        except UnreadableFileError as error:
            problems.append(f"landing/{file.name}: {error}")
    return shapes, problems


def _ndjson_shape(file: LandedFile) -> Shape:
    landed.check_ndjson(file)
    return Shape((), is_gzip=file.is_gzip, has_mixed_line_ends=len(file.line_ends) > 1)


class _ParquetSchemas:
    """The shapes of Parquet files; asks for all schemas at once, which is one query, not many."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: SourceTable,
        files: Sequence[LandedFile],
    ) -> None:
        self._connection = connection
        self._table = table
        try:
            self._known = self._read(files)
        except duckdb.Error:
            self._known = {}

    def _read(self, files: Sequence[LandedFile]) -> dict[str, Shape]:
        if not files:
            return {}
        rows = self._connection.execute(
            "select file_name, name, coalesce(num_children, 0), "
            "concat_ws('/', type, converted_type, logical_type, duckdb_type) "
            f"from parquet_schema({literals(str(file.path) for file in files)})"
        ).fetchall()
        return {
            name: _top_level([row[1:] for row in group])
            for name, group in groupby(rows, key=lambda row: row[0])
        }

    def __call__(self, file: LandedFile) -> Shape:
        landed.check_parquet(file)
        if str(file.path) not in self._known:
            try:
                self._known.update(self._read([file]))
            except duckdb.Error as error:
                raise UnreadableFileError(
                    "the Parquet file's footer is damaged. Have the source deliver it again"
                ) from error
        shape = self._known[str(file.path)]
        landed.require_columns(
            shape.columns,
            self._table,
            hint="Have the source deliver them, or declare them `optional`",
        )
        return shape


def _top_level(rows: Sequence[tuple[str, int, str]]) -> Shape:
    """Leave out the fields inside of nested columns; the schema lists them depth first."""
    names: list[str] = []
    types: list[str] = []
    to_skip = 0
    for name, children, kind in rows[1:]:  # the first row is the root
        if to_skip:
            to_skip += children - 1
            continue
        names.append(name)
        types.append(f"nested:{kind}" if children else kind)
        to_skip = children
    return Shape(tuple(names), tuple(types))


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    table: SourceTable,
    files: Sequence[LandedFile],
    shapes: dict[LandedFile, Shape],
    rulebook: Rulebook,
) -> list[str]:
    """Fill `ingested_rows`, `ingested_unreadable` and `ingested_keys`.

    Returns:
        A sentence for each file that turned out to be unreadable after all.
    """
    columns = ", ".join(
        f"{identifier(name)} {column.engine_type}" for name, column in table.columns.items()
    )
    connection.execute(
        "create or replace temp table ingested_rows (_file integer, _ordinal bigint, "
        f"_landed_on date, {columns}, _broken varchar, _replaced varchar, _row_text varchar)"
    )
    connection.execute("create or replace temp table ingested_keys (_file integer, name varchar)")
    connection.execute(
        "create or replace temp table ingested_unreadable "
        "(_file integer, _line bigint, _broken varchar, _row_text varchar)"
    )
    indexes = {file: index for index, file in enumerate(files)}
    by_shape = sorted(files, key=lambda file: (repr(shapes[file]), indexes[file]))
    problems = []
    for shape, group in groupby(by_shape, key=lambda file: shapes[file]):
        members = list(group)
        try:
            _read_group(
                connection, table, {file: indexes[file] for file in members}, shape, rulebook
            )
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
            raise  # A fault of our statement, which holds no values; the files are innocent.
        except duckdb.Error:
            # Only what went wrong has the price of being looked at file by file.
            problems += _culprits(connection, table, members, shape)
    return problems


def _read_group(
    connection: duckdb.DuckDBPyConnection,
    table: SourceTable,
    indexes: dict[LandedFile, int],
    shape: Shape,
    rulebook: Rulebook,
) -> None:
    files = list(indexes)
    file_index = f"[{', '.join(str(index) for index in indexes.values())}][_index::bigint + 1]"
    days = literals(file.landed_on.isoformat() for file in files)
    landed_on = f"cast({days} as date[])[_index::bigint + 1]"
    rows = f"({_SCANS[table.format](table, files, shape)})"
    expressions = _Expressions(table, shape, rulebook)
    try:
        if table.format is not FileFormat.PARQUET:
            # Text is read in order, so that rows can be numbered; all else is done in parallel.
            connection.execute(f"create or replace temp table ingested_scan as from {rows}")
            rows = "ingested_scan"
        if table.format is FileFormat.NDJSON:
            _keep_keys(connection, file_index, rows)
            rows = f"({_taken_apart(table, rows)})"
        connection.execute(
            f"""
            insert into ingested_rows
            select {file_index}, _ordinal, {landed_on}, {expressions.values}, _broken, _replaced,
                case when _broken is not null or _replaced is not null
                then {expressions.as_read} end
            from (
                select *, {expressions.broken} as _broken, {expressions.replaced} as _replaced
                from (select *, {expressions.typed} from {rows})
            )
            """
        )
        if table.format is not FileFormat.PARQUET:
            _keep_unreadable(connection, table, indexes, rulebook)
    finally:
        for name in ("scan", "reject_errors", "reject_scans"):
            connection.execute(f"drop table if exists temp.ingested_{name}")


def _scan_csv(table: SourceTable, files: Sequence[LandedFile], shape: Shape) -> str:
    # By position, since names that are not ours may repeat or differ in letter case only.
    positions = {name: f"c{position}" for position, name in enumerate(shape.columns)}
    selected = "".join(
        f", {positions[name]} as {identifier(_SOURCE + name)}"
        for name in table.columns
        if name in positions
    )
    types = ", ".join(f"c{position}: 'VARCHAR'" for position in range(len(shape.columns)))
    rows = _text_scan(files, shape, types, table.delimiter, quote='"', has_header=True)
    return f"select file_index as _index, row_number() over () as _ordinal{selected} from {rows}"


def _scan_ndjson(table: SourceTable, files: Sequence[LandedFile], shape: Shape) -> str:  # noqa: ARG001
    # The line is read whole, then taken apart, so that a broken one is kept as it is. A control
    # character cannot stand in JSON, so it never splits a good line.
    lines = _text_scan(
        files, shape, "_line: 'VARCHAR'", delimiter="\x01", quote="", has_header=False
    )
    return (
        "select file_index as _index, row_number() over () as _ordinal, _line as _text "
        f"from {lines}"
    )


def _keep_keys(connection: duckdb.DuckDBPyConnection, file_index: str, lines: str) -> None:
    # Lists of keys are few where rows are many, so they are made distinct before they are opened.
    connection.execute(
        f"""
        insert into ingested_keys
        select distinct _file, unnest(keys)
        from (
            select distinct {file_index} as _file,
                json_keys(case when {_IS_OBJECT} then _text end) as keys
            from {lines}
        )
        """
    )


def _taken_apart(table: SourceTable, lines: str) -> str:
    wanted = ", ".join(f'"{name}": "VARCHAR"' for name in table.columns)
    selected = "".join(
        f", _object.{identifier(name)} as {identifier(_SOURCE + name)}" for name in table.columns
    )
    return (
        f"select _index, _ordinal, _text, _is_object{selected} from ("
        "select *, case when _is_object "
        f"then json_transform(_text, {literal('{' + wanted + '}')}) end as _object from ("
        f"select *, {_IS_OBJECT} as _is_object "
        f"from {lines}))"
    )


def _scan_parquet(table: SourceTable, files: Sequence[LandedFile], shape: Shape) -> str:
    selected = "".join(
        f", {identifier(name)} as {identifier(_SOURCE + name)}"
        for name in table.columns
        if name in shape.columns
    )
    return (
        f"select file_index as _index, file_row_number + 1 as _ordinal{selected} "
        f"from read_parquet({literals(str(file.path) for file in files)}, "
        "hive_partitioning = false)"
    )


_SCANS: dict[FileFormat, Callable[[SourceTable, Sequence[LandedFile], Shape], str]] = {
    FileFormat.CSV: _scan_csv,
    FileFormat.NDJSON: _scan_ndjson,
    FileFormat.PARQUET: _scan_parquet,
}


def _text_scan(
    files: Sequence[LandedFile],
    shape: Shape,
    types: str,
    delimiter: str,
    quote: str,
    *,
    has_header: bool,
) -> str:
    # DuckDB takes line ends of two kinds only when it is told so; by itself it fails, or counts a
    # blank line for each pair. Then it also drops what follows a delimiter too many, so other
    # files stay with its strict mode.
    tolerance = "new_line = '\\r\\n', strict_mode = false, " if shape.has_mixed_line_ends else ""
    return (
        f"read_csv({literals(str(file.path) for file in files)}, "
        f"auto_detect = false, header = {str(has_header).lower()}, columns = {{{types}}}, "
        f"delim = {literal(delimiter)}, quote = {literal(quote)}, escape = {literal(quote)}, "
        f"compression = '{'gzip' if shape.is_gzip else 'none'}', "
        f"max_line_size = {LONGEST_ROW_BYTES}, hive_partitioning = false, {tolerance}"
        "store_rejects = true, rejects_table = 'ingested_reject_errors', "
        "rejects_scan = 'ingested_reject_scans')"
    )


class _Expressions:
    """The SQL that types a scan's columns and names the rules that a row breaks.

    Attributes:
        values: The declared columns as they are loaded.
        typed: Each as its declared type, null where it does not fit.
        broken: The numbers of the broken rules, or null.
        replaced: The numbers of the rules whose breach a declared value makes good, or null.
        as_read: The row as JSON, as it was read; an NDJSON line as it is.
    """

    def __init__(self, table: SourceTable, shape: Shape, rulebook: Rulebook) -> None:
        self._table = table
        self._shape = shape
        present = [
            name
            for name in table.columns
            if table.format is FileFormat.NDJSON or name in shape.columns
        ]
        self.values = ", ".join(
            self._value(name, column, name in present) for name, column in table.columns.items()
        )
        self.typed = ", ".join(
            f"{self._typed(name, column) if name in present else 'null'} as {identifier(name)}"
            for name, column in table.columns.items()
        )
        breaches: list[str] = []
        replacements: list[str] = []
        for name, column in table.columns.items():
            for condition, rule in self._breaches(name, column, name in present):
                found, sentence = breaches, rule
                if column.unreadable_as is not None:
                    found = replacements
                    sentence = f"{rule}, and was taken as {json.dumps(column.unreadable_as)}"
                found.append(f"case when {condition} then '{rulebook.number(sentence)},' end")
        self.broken, self.replaced = _numbers(breaches), _numbers(replacements)
        fields = ", ".join(
            f"{identifier(name)} := {identifier(_SOURCE + name)}" for name in present
        )
        self.as_read = f"cast(to_json(struct_pack({fields})) as varchar)"
        if table.format is FileFormat.NDJSON:
            self.as_read = "_text"
            self.broken = (
                f"case when _text is null or trim(_text) = '' then '{_BLANK}' "
                f"when not _is_object then '{rulebook.number(_NO_OBJECT)}' "
                f"else {self.broken} end"
            )

    def _typed(self, name: str, column: Column) -> str:
        source = identifier(_SOURCE + name)
        if self._is_text(name):
            return _from_text(self._given(name), column)
        value = f"try_cast({source} as {column.engine_type})"
        if column.engine_type == "VARCHAR":
            return self._stated(name, value)
        if column.engine_type == "BIGINT":
            return f"case when try_cast({source} as double) = {value} then {value} end"
        return _finite(value, column)

    def _value(self, name: str, column: Column, present: bool) -> str:
        value = identifier(name)
        if column.unreadable_as is None:
            return value
        conditions = [condition for condition, _ in self._breaches(name, column, present)]
        if not conditions:
            return value
        stand_in = f"cast({literal(str(column.unreadable_as))} as {column.engine_type})"
        return f"case when {' or '.join(conditions)} then {stand_in} else {value} end"

    def _is_text(self, name: str) -> bool:
        if self._table.format is not FileFormat.PARQUET:
            return True
        kind = self._shape.engine_types[self._shape.columns.index(name)]
        return re.search(r"\bVARCHAR\b|\bUTF8\b", kind) is not None

    def _given(self, name: str) -> str:
        """What a file says in a column: null when it says nothing."""
        source = identifier(_SOURCE + name)
        return self._stated(name, source) if self._is_text(name) else source

    def _stated(self, name: str, text: str) -> str:
        """What a text says: null when it is empty, or blanks alone where it must say something."""
        if name not in self._table.required_columns:
            return f"nullif({text}, '')"
        # The comparison, which costs nothing, passes nearly all: what begins with a visible ASCII
        # character is not blank.
        stated = f"case when {text} between '!' and '~' or {_is_visible(text)} then {text} end"
        # A key is the same with blanks around it.
        return f"trim({stated})" if name in self._table.key else stated

    def _breaches(self, name: str, column: Column, present: bool) -> Iterator[tuple[str, str]]:
        typed = identifier(name)
        if present and column.engine_type != "VARCHAR":
            noun = _TYPE_NOUNS.get(column.type, column.type)
            yield (
                f"{typed} is null and {self._given(name)} is not null",
                f"column {name} is no {noun}",
            )
        if name in self._table.required_columns:
            # A text is never of the wrong type, so none at all is an empty one.
            is_checked = present and column.engine_type != "VARCHAR"
            is_empty = f"{self._given(name)} is null" if is_checked else "true"
            yield f"{typed} is null and {is_empty}", f"column {name} is empty"


def _is_visible(text: str) -> str:
    return rf"regexp_matches({text}, '[^\s\pZ]')"


def _numbers(cases: Sequence[str]) -> str:
    return f"nullif(rtrim(concat({', '.join(cases) or 'null'}), ','), '')"


def _from_text(text: str, column: Column) -> str:
    """Cast a text, without the liberties that DuckDB takes."""
    if column.engine_type == "VARCHAR":
        return text
    value = f"try_cast({text} as {column.engine_type})"
    if column.engine_type == "BIGINT":
        # DuckDB rounds '1.5' to 2.
        return (
            f"case when not contains({text}, '.') or try_cast({text} as double) = {value} "
            f"then {value} end"
        )
    if column.engine_type == "TIMESTAMP":
        # DuckDB ignores '+02:00' when it casts to a plain timestamp; going by way of one with a
        # time zone is right and several times slower, so only texts that may hold one take it.
        is_plain = (
            f"length({text}) <= 19 and ({text})[17:17] in ('', ':') and not contains({text}, '+')"
        )
        with_zone = f"cast(try_cast({text} as timestamptz) as timestamp)"
        value = f"case when {is_plain} then {value} else {with_zone} end"
    return _finite(value, column)


def _finite(value: str, column: Column) -> str:
    if column.engine_type in {"DATE", "TIMESTAMP", "DOUBLE"}:
        return f"case when isfinite({value}) then {value} end"
    return value


def _keep_unreadable(
    connection: duckdb.DuckDBPyConnection,
    table: SourceTable,
    indexes: dict[LandedFile, int],
    rulebook: Rulebook,
) -> None:
    rejected = connection.execute(
        """
        select file_path, line, list_sort(list(distinct error_type::varchar)),
            arg_min(csv_line, column_idx), min(line_byte_position)
        from ingested_reject_errors join ingested_reject_scans using (scan_id, file_id)
        group by file_path, line
        """
    ).fetchall()
    by_path = {str(file.path): file for file in indexes}
    has_header = table.format is FileFormat.CSV
    values = []
    for path, line, kinds, text, position in rejected:
        file = by_path[path]
        number = line
        if has_header:
            # DuckDB counts blank lines for these rows, but leaves them out among good ones.
            number = line - 1 - landed.blank_lines_before(file, position)
        broken = {rulebook.number(_CSV_FINDINGS.get(kind, _OTHER_FINDING)) for kind in kinds}
        values.append(
            (indexes[file], number, ",".join(map(str, sorted(broken))), (text or "").strip())
        )
    if values:
        connection.execute(
            "insert into ingested_unreadable select unnest(?), unnest(?), unnest(?), unnest(?)",
            [list(column) for column in zip(*values, strict=True)],
        )


def _culprits(
    connection: duckdb.DuckDBPyConnection,
    table: SourceTable,
    files: Sequence[LandedFile],
    shape: Shape,
) -> list[str]:
    """Find the files that make a scan fail."""
    problems = []
    for file in files:
        scan = _SCANS[table.format](table, [file], shape)
        try:
            connection.execute(f"create or replace temp table ingested_probe as {scan}")
        except duckdb.Error:
            what = {
                FileFormat.PARQUET: "its pages are damaged",
                FileFormat.CSV: "its rows are not those of a CSV file, "
                "as when line ends of two kinds are mixed",
                FileFormat.NDJSON: "its lines cannot be read as text",
            }[table.format]
            problems.append(
                f"landing/{file.name}: the file cannot be read: {what}. "
                "Have the source deliver it again"
            )
        finally:
            for name in ("probe", "reject_errors", "reject_scans"):
                connection.execute(f"drop table if exists temp.ingested_{name}")
    if not problems:
        problems.append(
            f"landing/{files[0].name} and {len(files) - 1} more files cannot be read together, "
            "though each can alone; load their days one by one"
        )
    return problems


def number_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out each row's number in its file: `ingested_numbered` holds `_row`, `_source_row`.

    A good row's number is its place among the good ones, plus the unreadable ones before it.
    Blank lines, which have a number in NDJSON and are no rows, are dropped on the way.
    """
    connection.execute(
        """
        create or replace temp table ingested_starts as
        select _file, min(_ordinal) - 1 as before from ingested_rows group by _file
        """
    )
    connection.execute(f"delete from ingested_rows where _broken = '{_BLANK}'")
    connection.execute(
        """
        create or replace temp table ingested_gaps as
        select _file, place, max(skipped) as skipped
        from (
            select _file, row_number() over by_line as skipped,
                _line - row_number() over by_line as place
            from ingested_unreadable
            window by_line as (partition by _file order by _line)
        )
        group by _file, place
        """
    )
    has_gaps = connection.execute("select count(*) > 0 from ingested_gaps").fetchone()
    with_gaps = (
        "asof left join ingested_gaps as gaps "
        "on placed._file = gaps._file and placed.place > gaps.place"
    )
    connection.execute(
        f"""
        create or replace temp view ingested_numbered as
        select placed.* exclude (place),
            placed.place + {"coalesce(gaps.skipped, 0)" if has_gaps == (True,) else "0"}
                as _source_row
        from (
            select ingested.rowid as _row, ingested.*,
                ingested._ordinal - starts.before as place
            from ingested_rows as ingested
            join ingested_starts as starts on ingested._file = starts._file
        ) as placed
        {with_gaps if has_gaps == (True,) else ""}
        """
    )
