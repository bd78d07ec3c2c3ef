"""Tests of `dagster_project.resolution`."""
