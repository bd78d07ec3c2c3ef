"""Semantic types: which are personal, and what their default expectations accept."""

import re

import pytest

from dagster_project.ingestion.semantic_types import SEMANTIC_TYPES


def regex_of(name: str) -> str:
    (expectation,) = SEMANTIC_TYPES[name].expectations
    return str(expectation.kwargs["regex"])


def test_what_points_at_a_person_is_personal() -> None:
    personal = {name for name, kind in SEMANTIC_TYPES.items() if kind.is_personal}

    assert personal == {
        "email",
        "phone",
        "first_name",
        "last_name",
        "full_name",
        "street",
        "postcode",
        "birth_date",
        "device_id",
        "person_reference",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "Ann.Lee+news@Shop.example.com"),
        ("phone", "+1 (555) 010-9999"),
        ("phone", "555.010.9999 x12"),
        ("postcode", "12345-6789"),
        ("country", "US"),
    ],
)
def test_usual_notations_are_accepted(name: str, value: str) -> None:
    assert re.search(regex_of(name), value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "foo@"),
        ("email", "two words@example.com"),
        ("phone", "12345"),
        ("phone", "1234567890123456"),
        ("postcode", "?"),
        ("country", "USA"),
    ],
)
def test_junk_is_found(name: str, value: str) -> None:
    assert not re.search(regex_of(name), value)


def test_no_default_expectation_reads_the_clock() -> None:
    arguments = [
        str(value)
        for kind in SEMANTIC_TYPES.values()
        for expectation in kind.expectations
        for value in expectation.kwargs.values()
    ]

    assert not [value for value in arguments if "now" in value or "today" in value]
