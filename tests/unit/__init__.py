"""Pure logic, without Dagster runs."""
