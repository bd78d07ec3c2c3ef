"""Ingestion: from files in landing storage to the tables of `raw`, with a quarantine for bad rows.

Belongs here: contracts of source tables, semantic types, reading, judging and loading, all of it
callable without Dagster. Does not belong here: Dagster (`components.file_source`), any one source
(`defs/ingestion`), and what rows mean once they are loaded (the dbt project).
"""

from dagster_project.ingestion.contracts import Column, Expectation, SourceTable
from dagster_project.ingestion.errors import TableRejectedError
from dagster_project.ingestion.loading import load_table
from dagster_project.ingestion.results import ExpectationOutcome, LoadResult, first_few

__all__ = [
    "Column",
    "Expectation",
    "ExpectationOutcome",
    "LoadResult",
    "SourceTable",
    "TableRejectedError",
    "first_few",
    "load_table",
]
