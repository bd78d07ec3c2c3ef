"""One number is read as one, in whatever form it was written."""

import duckdb
import phonenumbers
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from dagster_project.resolution.phone_numbers import normalise_phone, phone_rules_version
from dagster_project.sql_functions import Plugin

regions = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
forms = st.sampled_from(
    [
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.NATIONAL,
        PhoneNumberFormat.RFC3966,
    ]
)
separators = st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=20, max_size=20)


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("(202) 599-6809", "US", "+12025996809"),
        ("1.202.599.6809", "US", "+12025996809"),
        (" 202 599 6809 ext. 12", "US", "+12025996809"),
        ("2025996809x12", "US", "+12025996809"),
        ("202 599 6809 home", "US", "+12025996809"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("0044 20 7946 0958", "US", "+442079460958"),
        ("(0044) 20 7946 0958", "US", "+442079460958"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("00 1 202 599 6809", "GB", "+12025996809"),
    ],
)
def test_a_number_is_read_as_it_was_meant(written: str, region: str, number: str) -> None:
    assert normalise_phone(written, region, "US") == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "n/a",
        "12345",
        "911",
        "0000000000",
        "1234567890",
        "020 7946 0958",
        "+1",
        "+999 123",
        "5" * 300,
    ],
)
def test_what_is_no_number_of_the_country_is_null(written: str) -> None:
    assert normalise_phone(written, "US", "US") is None


def test_a_country_that_there_is_not_is_the_deployments_own() -> None:
    assert normalise_phone("020 7946 0958", "UK", "GB") == "+442079460958"


@given(region=regions, form=forms, default_region=regions)
def test_the_usual_forms_of_a_number_are_read_as_one(
    region: str, form: int, default_region: str
) -> None:
    number = phonenumbers.example_number(region)
    written = phonenumbers.format_number(number, form)
    expected = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert normalise_phone(written, region, default_region) == expected


@given(region=regions, last_digits=st.text("0123456789", max_size=4), between=separators)
def test_signs_between_digits_do_not_matter_and_what_was_read_is_read_as_itself_everywhere(
    region: str, last_digits: str, between: list[str]
) -> None:
    example = phonenumbers.example_number(region)
    digits = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    written = digits[: len(digits) - len(last_digits)] + last_digits
    number = normalise_phone(written, region, region)
    assume(number)

    spread = written[0] + "".join(map("".join, zip(written[1:], between, strict=False)))
    assert normalise_phone(spread, region, region) == number
    assert number is not None
    assert normalise_phone(number, "US", "US") == number


def test_the_rules_are_named_after_the_library() -> None:
    assert phonenumbers.__version__ in phone_rules_version()


def test_sql_reads_numbers_alike_and_names_the_rules_alike() -> None:
    plugin = Plugin("sql_functions", {}, DuckDBCredentials())
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        cursor = connection.cursor()
        plugin.configure_cursor(cursor)
        found = cursor.sql(
            "select normalise_phone('(202) 599-6809', 'US', 'US'), "
            "normalise_phone('n/a', 'US', 'US'), normalise_phone(null, 'US', 'US'), "
            "getvariable('phone_rules_version')"
        )
        assert found.fetchone() == ("+12025996809", None, None, phone_rules_version())
