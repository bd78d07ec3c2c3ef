"""Tests of the demo's files."""
