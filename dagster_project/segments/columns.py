"""The columns that a segment asks the wide table of features for, and that no theme declares.

A warehouse keeps the column of a feature that is no longer declared, empty on new days: who asks
for it gets nobody, and no error.

Belongs here: which they are. Does not belong here: how they are told (`declarations`,
`source_sql`).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import sqlglot.errors
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

WIDE_TABLE = "profile_features"
CALL = re.compile(r"call_(\d+)_of_a_macro")
"""What stands in the place of a macro's call, of which nobody knows what columns it becomes."""
_STAGE = "features"
_KEYS = ("profile_id", "as_of")


def declared_columns(manifest: Mapping[str, Any]) -> Collection[str]:
    """List the columns of the wide table: those that its themes declare.

    Args:
        manifest: What dbt knows of the project.

    Returns:
        The names; none where the manifest does not know the wide table.
    """
    nodes = manifest["nodes"]
    wide = [
        node
        for node in nodes.values()
        if node["resource_type"] == "model"
        and (node["schema"], node["alias"]) == (_STAGE, WIDE_TABLE)
    ]
    themes = [
        nodes[theme]
        for node in wide
        for theme in node["depends_on"]["nodes"]
        if nodes.get(theme, {}).get("schema") == _STAGE
    ]
    return list(dict.fromkeys(column for node in themes for column in (*node["columns"], *_KEYS)))


def undeclared_columns(
    tree: exp.Expr, declared: Collection[str], is_wide: Callable[[exp.Table], bool]
) -> list[exp.Column]:
    """List the columns that a query asks the wide table for and that are not declared.

    A column that may be of another table, or a name that the query itself gives, is none of them.

    Args:
        tree: The query.
        declared: The columns of the wide table; none where they are not known.
        is_wide: Whether a table of the query is the wide one.
    """
    if not declared:
        return []
    try:
        scopes = traverse_scope(tree)
    except sqlglot.errors.SqlglotError:
        return []
    reader = _Reader({name.lower() for name in declared}, is_wide)
    passed = {name.lower() for name in (*declared, *_names_given(tree))}
    return [
        column
        for scope in scopes
        if isinstance(scope.expression, exp.Select)
        for column in scope.columns
        if column.parent_select is scope.expression
        and not CALL.search(column.name)
        and column.name.lower() not in passed
        and (known := reader.columns_beside(column, scope))
        and column.name.lower() not in known
    ]


def _names_given(tree: exp.Expr) -> Iterator[str]:
    """The names that a query gives: a column of this name may be what is meant by it."""
    for node in tree.find_all(exp.Alias, exp.TableAlias, exp.Table, exp.PropertyEQ):
        yield node.alias_or_name
        if isinstance(node, exp.TableAlias):
            yield from (column.name for column in node.columns)
    for node in tree.find_all(exp.Comprehension, exp.Lambda):
        yield from (name.name for name in node.find_all(exp.Column, exp.Identifier))


class _Reader:
    """Tells what columns the tables of a query have, as far as that is certain."""

    def __init__(self, declared: Collection[str], is_wide: Callable[[exp.Table], bool]) -> None:
        self._declared = frozenset(declared)
        self._is_wide = is_wide

    def columns_beside(self, column: exp.Column, scope: Scope) -> frozenset[str] | None:
        """The columns of all tables that a column can be of; None where one cannot be read."""
        if column.table:
            return self._columns_of(scope.sources.get(column.table))
        known: frozenset[str] = frozenset()
        outer: Scope | None = scope
        while outer:
            here = self._columns_inside(outer)
            if here is None:
                return None
            known |= here
            outer = None if outer.is_cte else outer.parent
        return known

    def _columns_inside(self, scope: Scope) -> frozenset[str] | None:
        """The columns of the tables that a select reads."""
        select = scope.expression
        if not isinstance(select, exp.Select):
            return frozenset() if isinstance(select, exp.SetOperation) else None
        tables = [source for _, source in scope.selected_sources.values()]
        written = bool(select.args.get("from_")) + len(select.args.get("joins") or [])
        if select.args.get("laterals") or len(tables) != written:
            return None
        return self._union([self._columns_of(table) for table in tables])

    def _columns_of(self, source: exp.Table | Scope | None) -> frozenset[str] | None:
        if isinstance(source, exp.Table):
            plain = not source.alias_column_names and not source.args.get("pivots")
            return self._declared if plain and self._is_wide(source) else None
        if source is None or not isinstance(source.expression, exp.Select):
            return None
        holder = source.expression.parent
        if isinstance(holder, exp.CTE | exp.Subquery) and (
            holder.alias_column_names or holder.args.get("pivots")
        ):
            return None
        return self._union(
            [self._columns_selected(one, source) for one in source.expression.selects]
        )

    def _columns_selected(self, selected: exp.Expr, scope: Scope) -> frozenset[str] | None:
        star = selected.this if isinstance(selected, exp.Column) else selected
        if isinstance(star, exp.Star):
            if star.args.get("rename"):
                return None
            if isinstance(selected, exp.Column):
                return self._columns_of(scope.sources.get(selected.table))
            return self._columns_inside(scope)
        if CALL.search(selected.sql()):
            return None
        if isinstance(selected, exp.Column | exp.Alias):
            return frozenset({selected.alias_or_name.lower()})
        return None

    @staticmethod
    def _union(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
        known: frozenset[str] = frozenset()
        for part in parts:
            if part is None:
                return None
            known |= part
        return known
