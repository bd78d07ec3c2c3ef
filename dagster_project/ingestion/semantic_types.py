"""What a column means, declared once; privacy and default expectations follow from it.

Belongs here: the semantic types that a source's declaration may use. Does not belong here: how a
value is normalised (dbt's staging and identity models), and rules of one source (its `defs.yaml`).

Default expectations judge a value against the landing day where time matters, never against the
clock, so that a load of an old day comes out the same at any time.
"""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["critical", "warning", "info"]

LANDED_ON = "_landed_on"
LANDED_BEFORE = "_landed_before"
"""Columns that expectations may name besides the declared ones: the landing day, and its end."""


@dataclass(frozen=True)
class DefaultExpectation:
    """An expectation that follows from a semantic type; `{column}` stands for the column's name."""

    type: str
    kwargs: dict[str, Any]
    severity: Severity
    description: str

    def kwargs_for(self, column: str) -> dict[str, Any]:
        """Put a column's name into the arguments."""
        return {
            name: column if value == "{column}" else value for name, value in self.kwargs.items()
        }


@dataclass(frozen=True)
class SemanticType:
    """What a column means.

    Attributes:
        description: The meaning, for people.
        is_personal: Whether a value says something of one identifiable person; such columns are
            tagged `pii` and stay out of logs, metadata and what is published.
        expectations: What follows for every column of this type.
    """

    description: str
    is_personal: bool = False
    expectations: tuple[DefaultExpectation, ...] = ()


def _matches(regex: str, description: str) -> DefaultExpectation:
    # A warning by default: junk in a contact column is a finding, the row is still a fact.
    return DefaultExpectation(
        type="expect_column_values_to_match_regex",
        kwargs={"column": "{column}", "regex": regex},
        severity="warning",
        description=description,
    )


def _before_the_landing_day_ends(severity: Severity, description: str) -> DefaultExpectation:
    return DefaultExpectation(
        type="expect_column_pair_values_a_to_be_greater_than_b",
        kwargs={
            "column_A": LANDED_BEFORE,
            "column_B": "{column}",
            "ignore_row_if": "either_value_is_missing",
        },
        severity=severity,
        description=description,
    )


def _at_least_zero(description: str) -> DefaultExpectation:
    return DefaultExpectation(
        type="expect_column_values_to_be_between",
        kwargs={"column": "{column}", "min_value": 0},
        severity="warning",
        description=description,
    )


SEMANTIC_TYPES: dict[str, SemanticType] = {
    "identifier": SemanticType("An id that a system gave; it says nothing by itself."),
    "email": SemanticType(
        "An e-mail address.",
        is_personal=True,
        expectations=(
            _matches(r"^\s*[^@\s]+@[^@\s]+\.[^@\s.]+\s*$", "{column} has the shape of an address"),
        ),
    ),
    "phone": SemanticType(
        "A telephone number, in any notation.",
        is_personal=True,
        expectations=(
            _matches(
                r"^\D*\d(?:\D*\d){6,14}(?:\s*(?:x|ext)\D*\d{1,6})?\D*$",
                "{column} holds 7 to 15 digits",
            ),
        ),
    ),
    "first_name": SemanticType("A given name.", is_personal=True),
    "last_name": SemanticType("A family name.", is_personal=True),
    "full_name": SemanticType("A person's whole name.", is_personal=True),
    "street": SemanticType("Street and house number.", is_personal=True),
    "postcode": SemanticType(
        "A postal code.",
        is_personal=True,
        expectations=(
            _matches(
                r"^\s*[A-Za-z0-9](?:[A-Za-z0-9 -]{1,10})\s*$", "{column} has the shape of a code"
            ),
        ),
    ),
    "city": SemanticType("A city; too coarse to point at one person."),
    "country": SemanticType(
        "A country's two letters.",
        expectations=(_matches(r"^[A-Za-z]{2}$", "{column} has two letters"),),
    ),
    "birth_date": SemanticType(
        "A date of birth.",
        is_personal=True,
        expectations=(
            DefaultExpectation(
                type="expect_column_values_to_be_between",
                kwargs={"column": "{column}", "min_value": "1900-01-01"},
                severity="warning",
                description="{column} is not before 1900",
            ),
            _before_the_landing_day_ends("warning", "{column} is not after the landing day"),
        ),
    ),
    "gender": SemanticType("A gender, as the person or the system put it."),
    "person_reference": SemanticType(
        "Whatever names one person: an address or an id.", is_personal=True
    ),
    "device_id": SemanticType("A device or browser, which points at its owner.", is_personal=True),
    "event_time": SemanticType(
        "When something happened, as known to the source; a fact cannot land before it happens.",
        expectations=(
            _before_the_landing_day_ends("critical", "{column} is not after the landing day"),
        ),
    ),
    "money": SemanticType("An amount in the deployment's one currency; refunds may be negative."),
    "quantity": SemanticType("A count of things."),
    "duration": SemanticType(
        "A length of time.", expectations=(_at_least_zero("{column} is not negative"),)
    ),
    "distance": SemanticType(
        "A distance.", expectations=(_at_least_zero("{column} is not negative"),)
    ),
}
"""All semantic types, by the name that a declaration uses."""
