"""Tests of ingestion, on files and a warehouse of their own."""
