"""What people read of scores, and the file that some are by."""

from pathlib import Path

import duckdb
import ibis
import pytest

from dagster_project.resolution.scores import Scores, compare_scores, read_scores
from dagster_project.resolution.truth import TruthError, require_truth


def test_a_warehouse_from_before_there_were_scores_has_none():
    assert read_scores(ibis.duckdb.connect()) == []


def test_scores_of_two_runs_stand_side_by_side_where_there_is_evidence():
    before = [Scores("truth", "all records", 0.5, None, None)]
    after = [
        Scores("labels", "all records", None, None, None),
        Scores("truth", "all records", 0.75, 0.25, None),
    ]
    assert compare_scores(before, after).splitlines()[2:] == [
        "| precision | truth | all records | 0.5000 | 0.7500 |",
        "| recall | truth | all records | – | 0.2500 |",
    ]


def test_without_any_evidence_the_comparison_says_so():
    nothing = [Scores("labels", "all records", None, None, None)]
    assert compare_scores([], nothing) == (
        "Nothing is known of who is who, so there are no scores."
    )


def test_a_file_with_all_columns_can_be_used(tmp_path: Path):
    require_truth(write(tmp_path, "source", "source_record_id", "person_id", "note"))


def test_a_file_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path):
    text = tmp_path / "people.csv"
    text.write_text("source,source_record_id,person_id\n")
    for file, told in (
        (tmp_path / "nobody.parquet", "There is no file"),
        (text, "is no Parquet file"),
        (write(tmp_path, "source", "person"), "no column source_record_id and no person_id"),
    ):
        with pytest.raises(TruthError) as error:
            require_truth(file)
        assert str(file) in str(error.value)
        assert told in str(error.value)
        assert "or take `identity_truth` out of settings.yaml" in str(error.value)


def write(folder: Path, *columns: str) -> Path:
    file = folder / "people.parquet"
    selected = ", ".join(f"'x' as {column}" for column in columns)
    duckdb.sql(f"select {selected}").write_parquet(str(file))
    return file
