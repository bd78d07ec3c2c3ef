"""A retailer to try the pipeline on: real purchases, and made-up systems around them.

What belongs here: whatever makes the demo's landing files, knows who is who in them, judges the
identities that the pipeline found, and runs and reports the demo. The SQL that makes each system's
files lies in ``sql/``, one file per system; lists of names, streets and cities in ``names/``.
What does not: anything that the pipeline itself imports. The pipeline sees landing files only.
"""
