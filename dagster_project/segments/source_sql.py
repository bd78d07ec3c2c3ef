"""A segment's SQL as its author wrote it and as dbt compiles it: places of one in the other.

Belongs here: compiling, and finding again what was compiled. Does not belong here: running it
(`preview`).
"""

import contextlib
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from pathlib import Path

import sqlglot
import sqlglot.errors
from sqlglot import exp

from dagster_project.home import ENVIRONMENT_VARIABLE, Home
from dagster_project.segments.columns import CALL, WIDE_TABLE, declared_columns, undeclared_columns

PROJECT_FOLDER = Path(__file__).parents[2] / "dbt_project"
DIALECT = "duckdb"

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TIME = re.compile(r"^\d\d:\d\d:\d\d +")
_EXPRESSION = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_LIST_CALL = re.compile(
    r"""\{\{-?\s*has_(?:any|all)\(\s*(?:list\s*=\s*)?(['"])(?P<column>[\w.]+)\1.*?\}\}""", re.DOTALL
)
_REFERENCE_TO_WIDE_TABLE = re.compile(rf"ref\(\s*(['\"]){WIDE_TABLE}\1\s*\)")
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TEXT_OR_COMMENT = re.compile(
    r"""(?P<text>'[^']*'|"[^"]*")|--[^\n]*|/\*.*?\*/|\{#.*?#\}""", re.DOTALL
)
_QUOTED = re.compile(r"'([^']+)'")
_CALLED = re.compile(r"\bcalls (\w+)")


class PreviewError(ValueError):
    """A segment cannot be previewed; the text names the place and what to do."""


@dataclass(frozen=True)
class SegmentFile:
    """A file with a segment's SQL.

    Attributes:
        name: The segment's name.
        path: The file.
        text: What is in it.
    """

    name: str
    path: Path
    text: str

    def place(self, offset: int) -> str:
        """Name a place in the text: file, line and column, and show the line."""
        before = self.text[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        shown = self.text.splitlines()[line - 1] if self.text else ""
        pointer = " " * (column - 1) + "^"
        return f"{self.path}, line {line}, column {column}:\n    {shown}\n    {pointer}\n"

    def complaint(self, said: str) -> PreviewError:
        """Complain of something, and point to what it names in quotes or as called, if it does.

        Args:
            said: What is wrong, as dbt or a macro says it.
        """
        said = said.replace("inline_query", "the segment")
        bare = _TEXT_OR_COMMENT.sub(
            lambda match: match[0] if match["text"] else " " * len(match[0]), self.text
        )
        names = [re.escape(name) for name in _QUOTED.findall(said)]
        called = [re.escape(name) for name in _CALLED.findall(said)]
        patterns = [f"(?<=['\"]){name}(?=['\"])" for name in names]
        patterns += [rf"\b{name}\b" for name in (*names, *called)]
        found = (match for pattern in patterns if (match := re.search(pattern, bare)))
        place = next(found, None)
        return PreviewError(f"{self.place(place.start()) if place else f'{self.path}: '}{said}")


def find_segment(name_or_file: str, project: Path = PROJECT_FOLDER) -> SegmentFile:
    """Find the SQL of a segment.

    Args:
        name_or_file: The name of a segment of the project, or a file with SQL.
        project: The dbt project.

    Raises:
        PreviewError: There is no such segment and no such file.
    """
    path = Path(name_or_file)
    if not path.is_file():
        known = {file.stem: file for file in (project / "models" / "segments").rglob("*.sql")}
        if name_or_file not in known:
            near = difflib.get_close_matches(name_or_file, known, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise PreviewError(
                f"{name_or_file} is neither a segment of the project nor a file.{meant} There are "
                f"{', '.join(sorted(known))}."
            )
        path = known[name_or_file]
    return SegmentFile(path.stem, path, path.read_text())


def compile_segment(
    segment: SegmentFile, as_of: date, home: Home, project: Path = PROJECT_FOLDER
) -> str:
    """Have dbt compile a segment's SQL, without any warehouse.

    What it asks about behaviour is compiled into queries of its own, since nobody else may have
    asked that before.

    Args:
        segment: The segment.
        as_of: The day.
        home: The deployment, which keeps what dbt has parsed for the next time.
        project: The dbt project.

    Raises:
        PreviewError: dbt refuses it; the text is what dbt says. Or it asks the wide table for a
            column that no theme declares, though the warehouse may still have it.
    """
    beside = shutil.which("dbt", path=str(Path(sys.executable).parent))
    kept = home.dbt / "preview" / "partial_parse.msgpack"
    setting = setting_of(as_of)
    with tempfile.TemporaryDirectory() as scratch:
        parsed = Path(scratch) / kept.name
        with contextlib.suppress(OSError):
            shutil.copy(kept, parsed)
        finished = subprocess.run(
            [
                *(beside or "dbt", "--quiet", "compile", "--output", "json"),
                *("--inline", setting + segment.text),
                "--no-populate-cache",
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", scratch, "--log-path", scratch),
            ],
            # Another home, since dbt would open the warehouse to write, and by one name each time:
            # where the environment differs, dbt parses all anew as well.
            cwd=scratch,
            env={**os.environ, ENVIRONMENT_VARIABLE: "."},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # Who may only read looks at segments as well, and waits for dbt a little longer.
        with contextlib.suppress(OSError):
            _keep(parsed, kept)
        if finished.returncode:
            raise segment.complaint(_what_dbt_says(finished.stdout.replace(setting, "")))
        manifest = json.loads((Path(scratch) / "manifest.json").read_text())
    compiled: str = json.loads(finished.stdout[finished.stdout.index("{") :])["compiled"]
    _require_declared_columns(segment, compiled, declared_columns(manifest))
    return compiled


def setting_of(as_of: date) -> str:
    """Write what lets a query that follows describe a day.

    It is no variable of dbt, which parses all anew where one differs from the last time.

    Args:
        as_of: The day.
    """
    return f"{{% do set_as_of('{as_of}') %}}"


def _keep(made: Path, kept: Path) -> None:
    """Put a file into the place of another at once: previews may run side by side."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as beside:
        shutil.copy(made, beside)
        (Path(beside) / made.name).replace(kept)


def _require_declared_columns(
    segment: SegmentFile, compiled: str, declared: Collection[str]
) -> None:
    tree = parse_segment(segment, compiled)
    for column in undeclared_columns(tree, declared, lambda table: table.name == WIDE_TABLE):
        place = offset_in_source(segment, compiled, int(column.this.meta["start"]))
        raise PreviewError(f"{segment.place(place)}{no_such_column(column.name, declared)}")


def no_such_column(name: str, known: Collection[str]) -> str:
    """Say that there is no column of a name, and which are near it."""
    near = difflib.get_close_matches(name, known, n=3)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no column {name}.{meant}"


def _what_dbt_says(output: str) -> str:
    lines = [_TIME.sub("", line).strip() for line in _COLOURS.sub("", output).splitlines()]
    told = takewhile(lambda line: not line.startswith("Traceback "), lines)
    said = [line for line in told if line and not line.startswith((">", "Encountered an error"))]
    return " ".join(said).removeprefix("Error while parsing node: inline_query ")


def parse_segment(segment: SegmentFile, compiled: str) -> exp.Query:
    """Parse compiled SQL.

    Args:
        segment: Where it comes from.
        compiled: The SQL.

    Raises:
        PreviewError: Points to what no SQL can say.
    """
    try:
        tree = sqlglot.parse_one(compiled, dialect=DIALECT)
    except sqlglot.errors.ParseError as error:
        first = error.errors[0]
        lines = compiled.splitlines(keepends=True)
        offset = sum(map(len, lines[: first["line"] - 1])) + max(
            first["col"] - len(first["highlight"] or ""), 0
        )
        raise PreviewError(
            f"{segment.place(offset_in_source(segment, compiled, offset))}This is no SQL: "
            f"{first['description'].partition(' for <class')[0].lower()}."
        ) from None
    if not isinstance(tree, exp.Query):
        raise PreviewError(f"{segment.path}: a segment is a select of profile_id and as_of.")
    return tree


def offset_in_source(segment: SegmentFile, compiled: str, offset: int) -> int:
    """Find the place in the source that a place in the compiled SQL comes from."""
    blocks = difflib.SequenceMatcher(None, compiled, segment.text, autojunk=False)
    found = 0
    for start, source_start, length in blocks.get_matching_blocks():
        if start <= offset < start + length:
            return source_start + offset - start
        if start <= offset and length:
            found = source_start + length - 1
    return found


def conditions(tree: exp.Expr) -> list[exp.Expr]:
    """List what a where clause asks for, as far as all of it has to hold."""
    where = tree.args.get("where")
    if where is None:
        return []
    condition = where.this
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def conditions_as_written(segment: SegmentFile, tree: exp.Expr) -> list[str]:
    """Word the conditions as the author did, or as they are compiled where that cannot be."""
    compiled = [_words(condition) for condition in conditions(tree)]
    written = conditions_of_source(segment.text)
    return written if written and len(written) == len(compiled) else compiled


def conditions_of_source(text: str) -> list[str]:
    """List what a where clause asks for, before it is compiled; nothing where that cannot be read.

    Args:
        text: A segment's SQL as its author wrote it.
    """
    source = _parse_source(text)
    if source is None:
        return []
    tree, calls = source
    return [
        CALL.sub(lambda match: calls[int(match[1])], _words(condition))
        for condition in conditions(tree)
    ]


def _words(condition: exp.Expr) -> str:
    return condition.sql(dialect=DIALECT, comments=False)


def undeclared_in_source(text: str, declared: Collection[str]) -> list[str]:
    """List the columns that a segment asks the wide table for and that no theme declares.

    Args:
        text: A segment's SQL as its author wrote it. Nothing is found where that cannot be read.
        declared: The columns of the wide table.
    """
    source = _parse_source(_LIST_CALL.sub(r"\g<column>", text))
    if source is None:
        return []
    tree, calls = source

    def is_wide(table: exp.Table) -> bool:
        call = CALL.fullmatch(table.name)
        return bool(call and _REFERENCE_TO_WIDE_TABLE.fullmatch(calls[int(call[1])]))

    found = undeclared_columns(tree, declared, is_wide)
    return list(dict.fromkeys(column.name for column in found))


def _parse_source(text: str) -> tuple[exp.Expr, Sequence[str]] | None:
    """Parse SQL with a name in the place of each call of a macro; the calls come beside it."""
    calls: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        call = " ".join(match[1].split())
        if call.startswith("config("):
            return ""
        calls.append(call)
        return f"call_{len(calls) - 1}_of_a_macro"

    bare = _EXPRESSION.sub(placeholder, _STATEMENT.sub("", text))
    try:
        return sqlglot.parse_one(bare, dialect=DIALECT), calls
    except sqlglot.errors.SqlglotError:
        return None
