"""dbt's `flags` as the SQL linter sees them."""

FULL_REFRESH = False
