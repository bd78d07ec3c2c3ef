"""The parameters as a file that people review."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dagster_project.transformation import VALUE_PARAMETERS
from dagster_project.valuation.parameters import (
    ValueParameters,
    ValueParametersError,
    read_parameters,
    write_parameters,
)

PARAMETERS = ValueParameters(
    r=0.243,
    alpha=4.414,
    a=0.793,
    b=2.426,
    p=6.25,
    q=3.74,
    v=15.44,
    trained_from=date(1997, 1, 1),
    trained_until=date(1997, 9, 30),
    judged_until=date(1998, 6, 30),
    customer_count=2357,
    repeat_customer_count=946,
    library="a library 1.0",
)


def test_what_is_written_is_read_again(tmp_path: Path):
    file = tmp_path / "training" / "parameters.csv"
    write_parameters(file, PARAMETERS)
    assert read_parameters(file) == PARAMETERS


def test_the_parameters_of_the_repository_are_those_that_the_demo_was_trained_to():
    parameters = read_parameters(VALUE_PARAMETERS)
    assert parameters
    assert parameters.library.startswith("pymc-marketing ")


def test_a_header_alone_is_no_parameters(tmp_path: Path):
    file = tmp_path / "parameters.csv"
    write_parameters(file, PARAMETERS)
    file.write_text(file.read_text().splitlines()[0] + "\n")
    assert read_parameters(file) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda header, row: header + row + row, "it has 2 rows"),
        (lambda _header, _row: "r,alpha\n1,2\n", "'a'"),
        (lambda header, row: header + row.replace("0.243", "a quarter"), "a quarter"),
        (lambda header, row: header + row.replace("0.243", "-1"), "describe no customers"),
    ],
)
def test_an_unusable_file_is_named_with_what_to_do(
    tmp_path: Path, change: Callable[[str, str], str], told: str
):
    file = tmp_path / "parameters.csv"
    write_parameters(file, PARAMETERS)
    file.write_text(change(*file.read_text().splitlines(keepends=True)))
    with pytest.raises(ValueParametersError, match="Run the job train_customer_value") as error:
        read_parameters(file)
    assert str(file) in str(error.value)
    assert told in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ValueParametersError, match="No such file"):
        read_parameters(tmp_path / "parameters.csv")


@pytest.mark.parametrize(
    "wrong", [{"r": 0.0}, {"a": -1.0}, {"b": 5e14}, {"q": 0.9}, {"v": float("nan")}]
)
def test_parameters_that_describe_no_customers_are_refused(wrong: dict[str, float]):
    with pytest.raises(ValueParametersError, match="describe no customers"):
        replace(PARAMETERS, **wrong)
