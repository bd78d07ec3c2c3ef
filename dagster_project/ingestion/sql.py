"""Writing SQL safely: names and texts as the engine's literals.

Belongs here: quoting. Does not belong here: any statement.
"""

from collections.abc import Iterable


def identifier(name: str) -> str:
    """Quote a name."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Quote a text."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def literals(texts: Iterable[str]) -> str:
    """Quote texts as a list."""
    return f"[{', '.join(literal(text) for text in texts)}]"
