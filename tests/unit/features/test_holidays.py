"""Each holiday of the seed has a seasonal index of its own."""

import csv

import yaml

from dagster_project.transformation import PROJECT_FOLDER

INDEX = "_seasonal_index_365d"
# Of a season that is none of the seed's: its quarter, or all holidays together.
OTHER_SEASONS = {"holiday", *(f"quarter_{quarter}" for quarter in range(1, 5))}


def test_every_holiday_of_the_seed_has_an_index_and_no_other_has():
    with (PROJECT_FOLDER / "seeds" / "holidays.csv").open() as seed:
        holidays = {row["holiday"] for row in csv.DictReader(seed)}
    properties = PROJECT_FOLDER / "models" / "features" / "_features__models.yml"
    # What shopping_pattern_features declares is what it selects: dbt enforces the contract.
    declared = {
        column["name"].removesuffix(INDEX)
        for model in yaml.safe_load(properties.read_text())["models"]
        for column in model["columns"]
        if column["name"].endswith(INDEX)
    }
    assert declared - OTHER_SEASONS == holidays
