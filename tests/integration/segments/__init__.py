"""Tests of what segments can be defined by."""
