"""Tests of `dagster_project.measurement`."""
