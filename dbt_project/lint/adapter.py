"""dbt's `adapter` as the SQL linter sees it: a dispatched macro is text of the right shape."""

from collections.abc import Callable
from types import SimpleNamespace

_COLUMNS_ASKED_FOR = ("heir_profile_id",)
_TEXTS = {
    "bridges": "select cluster, link, part, node from {0}",
    "connected_components": "select node, component from {0}",
    "clusters_within_limits": (
        "select firsts.record_id, firsts.label from {0} as firsts "
        "cross join {1} cross join {2} cross join {3}"
    ),
    "ends_of_chains": "select {3}.{1}, {3}.{4} from {3} cross join {0}",
    "evaluated_first": "",
    "every_key": "{0} is not null",
    "expected_orders": "expected_orders({0}, {1}, {2}, {3})",
    "has_any": "list_has_any({0}, [{1}])",
    "hash_number": "hash({0})",
    "phone_rules_version": "'version'",
    "raised_error": "error('{0}')",
    "unpivoted": "select {1}, attribute, value from {0}",
    "values_that_match": "select {0}.kind, {0}.value from {0} cross join {1}",
}


def dispatch(macro_name: str, _namespace: str) -> Callable[..., str]:
    """Stand in for the search of the engine's own form of a macro."""
    return _TEXTS.get(macro_name, macro_name + "({0})").format


def get_columns_in_relation(_relation: object) -> list[SimpleNamespace]:
    """Stand in for the columns of a table: those that a model asks for are there."""
    return [SimpleNamespace(name=name) for name in _COLUMNS_ASKED_FOR]
