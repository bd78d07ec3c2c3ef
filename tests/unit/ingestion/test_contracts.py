"""A declaration that makes no sense is refused with a sentence that says why."""

from typing import Any

import pytest
from pydantic import ValidationError

from dagster_project.ingestion import SourceTable


def declared(**changes: Any) -> SourceTable:
    return SourceTable(
        **{
            "name": "customers",
            "description": "Customers.",
            "path": "crm/customers/{landed_on}.csv*",
            "format": "csv",
            "key": ["customer_id"],
            "columns": {
                "customer_id": {},
                "email": {"semantic_type": "email"},
                "created_at": {"type": "timestamp", "semantic_type": "event_time"},
                "amount": {"type": "decimal( 10, 4 )"},
            },
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": ["id"]}, "key column 'id' is not declared"),
        ({"key": []}, "declare the `key`"),
        ({"path": "crm/customers.csv"}, "must hold {landed_on} exactly once"),
        ({"path": "../{landed_on}.csv"}, "must stay below landing/"),
        ({"columns": {"customer_id": {"type": "text"}}}, "'text' is no type; known are"),
        ({"columns": {"customer_id": {"semantic_type": "mail"}}}, "'mail' is no semantic type"),
        ({"columns": {"customer_id": {}, "_row": {}}}, "'_row' is no column name"),
        ({"columns": {"customer_id": {"nulable": True}}}, "nulable"),
        ({"delimiter": "||"}, "one character"),
        ({"max_rejected_rows": -1}, "rows can be counted from 0"),
        ({"expendable_rows": {"email": ["a"]}}, "so declare that limit too"),
        (
            {"max_rejected_rows": 0, "expendable_rows": {"kind": ["a"]}},
            "names 'kind', which is no declared column",
        ),
        (
            {"max_rejected_rows": 0, "expendable_rows": {"amount": ["1"]}},
            "names 'amount', which is no declared column of type string",
        ),
        ({"max_rejected_rows": 0, "expendable_rows": {"email": [" "]}}, "names a blank"),
        (
            {"columns": {"customer_id": {}, "age": {"type": "integer", "unreadable_as": False}}},
            "`unreadable_as` is False for a column of type integer",
        ),
        (
            {"columns": {"customer_id": {"unreadable_as": "none"}}},
            "'customer_id' cannot have `unreadable_as`",
        ),
        ({"expectations": [{"type": "be_positive"}]}, "'be_positive' is no expectation"),
        (
            {"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "age"}}]},
            "names the column 'age', which is not declared",
        ),
        (
            {
                "expectations": [
                    {
                        "type": "expect_column_values_to_be_unique",
                        "kwargs": {"column": "email"},
                    }
                ]
            },
            "declare the table's `key`",
        ),
        (
            {
                "expectations": [
                    {
                        "type": "expect_column_values_to_not_be_null",
                        "kwargs": {"column": "email", "mostly": 0.9},
                    }
                ]
            },
            "'mostly' is not supported",
        ),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message.replace("{", r"\{").replace("(", r"\(")):
        declared(**changes)


def test_a_key_column_may_never_be_empty() -> None:
    assert declared().required_columns == ["customer_id"]


def test_a_decimal_may_name_its_precision() -> None:
    assert declared().columns["amount"].engine_type == "DECIMAL(10,4)"


def test_expectations_follow_from_semantic_types() -> None:
    following = {
        (expectation.type, *expectation.columns): expectation.severity
        for expectation in declared().all_expectations
    }

    assert following == {
        ("expect_column_values_to_match_regex", "email"): "warning",
        (
            "expect_column_pair_values_a_to_be_greater_than_b",
            "_landed_before",
            "created_at",
        ): "critical",
    }


def test_a_declared_expectation_wins_over_the_one_that_follows() -> None:
    strict = {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "email", "regex": "@example.com$"},
    }

    regexes = [
        expectation.kwargs["regex"]
        for expectation in declared(expectations=[strict]).all_expectations
        if "regex" in expectation.kwargs
    ]

    assert regexes == ["@example.com$"]
