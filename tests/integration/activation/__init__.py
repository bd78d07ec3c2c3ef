"""Tests of `dagster_project.activation`."""
