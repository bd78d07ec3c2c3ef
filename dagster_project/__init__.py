"""Customer segmentation as a batch pipeline: raw exports in, audiences out.

`definitions` is what Dagster loads. The libraries `ingestion`, `measurement` and `activation` do
the work and know nothing of Dagster; `components` and `defs` are the thin shells around them.
"""
