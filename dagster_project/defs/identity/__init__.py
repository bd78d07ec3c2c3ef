"""The stage `identity` in Dagster, beside what dbt makes and tests of it."""
