"""dbt's `model` as the SQL linter sees it: one without a batch."""


def get(name: str) -> None:
    """Have no attribute."""
