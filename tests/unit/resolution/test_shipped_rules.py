"""What the shipped rules of `identity_rules` say: nothing else would notice a slip in them."""

import csv
from collections.abc import Mapping

import pytest

from dagster_project.transformation import PROJECT_FOLDER


@pytest.fixture(scope="module")
def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules by their kind."""
    with (PROJECT_FOLDER / "seeds/identity_rules.csv").open(newline="") as seed:
        return {rule["kind"]: rule for rule in csv.DictReader(seed)}


def test_a_profile_has_one_loyalty_card_and_any_number_of_addresses_phones_and_devices(
    rules: Mapping[str, Mapping[str, str]],
):
    limits = {kind: rule["max_values_per_profile"] for kind, rule in rules.items()}

    assert limits["loyalty_id"] == "1"
    assert [limits[kind] for kind in ("email", "phone", "device_id")] == ["", "", ""]
    # Two and three, since systems do register people twice: on the demo, one of each would part
    # people and make nobody's profile purer.
    assert (limits["account_id"], limits["customer_id"]) == ("2", "3")


def test_no_value_links_more_than_some_hundred_records(rules: Mapping[str, Mapping[str, str]]):
    assert all(0 < int(rule["max_records_per_value"]) <= 200 for rule in rules.values())


def test_what_a_system_gave_to_one_person_is_stronger_than_what_people_share(
    rules: Mapping[str, Mapping[str, str]],
):
    weights = {
        is_personal: [
            int(rule["weight"]) for rule in rules.values() if rule["is_personal"] == is_personal
        ]
        for is_personal in ("true", "false")
    }

    assert min(weights["true"]) > max(weights["false"])
