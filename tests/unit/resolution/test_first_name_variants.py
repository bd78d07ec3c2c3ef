"""The shipped short forms of first names."""

import csv

from dagster_project.transformation import PROJECT_FOLDER


def test_a_name_that_a_short_form_may_stand_for_is_no_short_form_itself() -> None:
    with (PROJECT_FOLDER / "seeds" / "first_name_variants.csv").open() as seed:
        rows = list(csv.DictReader(seed))
    variants = {row["variant"] for row in rows}
    unusual = {row["name"] for row in rows if row["is_usual"] == "false"}

    assert {row["is_usual"] for row in rows} == {"true", "false"}
    assert unusual & variants == set()
