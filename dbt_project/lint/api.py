"""dbt's `api` as the SQL linter sees it."""


class Relation:
    """Stands in for the name of a table."""

    @staticmethod
    def create(*, identifier: str, **_rest: str) -> str:
        """Name the table alone."""
        return identifier
