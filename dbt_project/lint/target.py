"""dbt's `target` as the SQL linter sees it."""

database = "warehouse"
