"""The stage `features` in Dagster, beside what dbt makes and tests of it."""
