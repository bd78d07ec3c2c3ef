"""The file by which a deployment may know who is who, before identities are scored by it.

Belongs here: whether it can be used. Does not belong here: what comes of it (the dbt models
`identity.identity_truth` and `identity.identity_scores`).
"""

from pathlib import Path

import duckdb

COLUMNS = ("source", "source_record_id", "person_id")
"""What the file says: which person a record of a source is."""


class TruthError(ValueError):
    """The file cannot be used; the text names it and what to do."""


def require_truth(file: Path) -> None:
    """Make sure that a file says who is who.

    Args:
        file: Its path.

    Raises:
        TruthError: There is no such file, it is no Parquet, or it lacks a column.
    """
    remedy = "or take `identity_truth` out of settings.yaml"
    if not file.is_file():
        raise TruthError(f"There is no file {file} to score identities by. Put it there, {remedy}.")
    try:
        with duckdb.connect() as connection:
            present = connection.read_parquet(str(file)).columns
    except duckdb.Error:
        raise TruthError(
            f"{file}, by which identities are scored, is no Parquet file. Write one, {remedy}."
        ) from None
    if missing := [column for column in COLUMNS if column not in present]:
        raise TruthError(
            f"{file}, by which identities are scored, has no column {' and no '.join(missing)}. "
            f"Write it with {', '.join(COLUMNS[:-1])} and {COLUMNS[-1]}, {remedy}."
        )
