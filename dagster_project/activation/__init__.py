"""Audiences: who should be in one, what a destination holds, and carrying over the difference.

A library: it takes a way to open the warehouse, an audience and a destination, and knows nothing of
Dagster, of ingestion and of measurement.
"""
