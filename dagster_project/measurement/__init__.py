"""How segments develop over time: memberships as intervals, and metrics by period.

A library: it takes a connection, names and days, and knows nothing of Dagster, of ingestion and of
activation.
"""
