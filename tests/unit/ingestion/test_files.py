"""Finding a table's files, and what their first lines tell."""

from datetime import date
from pathlib import Path

import pytest

from dagster_project.ingestion import SourceTable
from dagster_project.ingestion.contracts import FileFormat
from dagster_project.ingestion.files import (
    LandedFile,
    UnreadableFileError,
    blank_lines_before,
    check_ndjson,
    csv_header,
    examine,
    find_files,
)


def table(path: str = "crm/customers/{landed_on}*.csv*", delimiter: str = ",") -> SourceTable:
    return SourceTable(
        name="customers",
        description="Customers.",
        path=path,
        format="csv",
        delimiter=delimiter,
        key=["customer_id"],
        columns={"customer_id": {}, "email": {}},
    )


def landed(landing: Path, content: bytes) -> LandedFile:
    path = landing / "crm/customers/2026-01-01.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return examine(landing, table(), date(2026, 1, 1), path)


def test_files_up_to_a_day_are_found_in_the_order_of_days(tmp_path: Path) -> None:
    folder = tmp_path / "crm/customers"
    folder.mkdir(parents=True)
    for name in (
        "2026-01-03.csv",
        "2026-01-02_b.csv.gz",
        "2026-01-02_a.csv",
        "2026-01-02.csv.tmp",
        "2026-01-01.csv",
        "2026-02-30.csv",
        "2026-03-02.csv",
        "notes.csv",
    ):
        (folder / name).touch()

    found = find_files(tmp_path, table(), date(2026, 3, 1))

    assert [path.name for _, path in found] == [
        "2026-01-01.csv",
        "2026-01-02_a.csv",
        "2026-01-02_b.csv.gz",
        "2026-01-03.csv",
    ]


def test_the_day_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "crm/2026-01-02").mkdir(parents=True)
    (tmp_path / "crm/2026-01-02/customers.csv").touch()
    by_folder = table(path="crm/{landed_on}/customers.csv")

    found = find_files(tmp_path, by_folder, date(2026, 1, 3))

    assert [day for day, _ in found] == [date(2026, 1, 2)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    file = landed(tmp_path, b"\xef\xbb\xbfcustomer_id,email\n")

    assert csv_header(file, table()) == ("customer_id", "email")


def test_a_first_row_in_the_place_of_a_header_is_not_shown(tmp_path: Path) -> None:
    file = landed(tmp_path, b"7,ann@example.com\n")

    with pytest.raises(UnreadableFileError, match="is the header missing") as error:
        csv_header(file, table())

    assert "ann" not in str(error.value)


@pytest.mark.parametrize(("delimiter", "shown"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'")])
def test_another_delimiter_is_recognised(tmp_path: Path, delimiter: str, shown: str) -> None:
    file = landed(tmp_path, f"customer_id{delimiter}email\n".encode())

    with pytest.raises(UnreadableFileError, match="looks as if it were delimited by") as error:
        csv_header(file, table())

    assert shown in str(error.value)


@pytest.mark.parametrize("length", [200_000, 2_000_000])
def test_a_first_line_that_is_too_long_for_a_header_is_text_all_the_same(
    tmp_path: Path, length: int
) -> None:
    file = landed(tmp_path, b"x" * length + b"\n")

    with pytest.raises(UnreadableFileError, match="too long for a header"):
        csv_header(file, table())


def test_a_long_line_of_another_delimiter_is_no_header_either(tmp_path: Path) -> None:
    file = landed(tmp_path, b"customer_id;" + b"x" * 200_000 + b",email\n")

    with pytest.raises(UnreadableFileError):
        csv_header(file, table())


def test_endless_nesting_is_no_json_object(tmp_path: Path) -> None:
    file = landed(tmp_path, b"[" * 100_000 + b"\n")

    with pytest.raises(UnreadableFileError, match="none of its first lines is a JSON object"):
        check_ndjson(file)


def test_blank_lines_inside_of_quotes_are_no_blank_lines(tmp_path: Path) -> None:
    content = b'customer_id,email\n\n1,"a\n\nb"\n\n2,b\n'
    file = landed(tmp_path, content)

    assert blank_lines_before(file, content.index(b"2,b")) == 2


@pytest.mark.parametrize(
    ("content", "line_ends"),
    [
        (b"{}\n{}\n", {"\n"}),
        (b"{}\r\n{}\n", {"\r\n", "\n"}),
        (b"{}\r{}\r\n", {"\r", "\r\n"}),
        (b" " * ((1 << 20) - 1) + b"\r\n", {"\r\n"}),
    ],
)
def test_line_ends_are_told_apart_wherever_they_stand(
    tmp_path: Path, content: bytes, line_ends: set[str]
) -> None:
    path = tmp_path / "2026-01-01.ndjson"
    path.write_bytes(content)
    events = table().model_copy(update={"format": FileFormat.NDJSON})

    assert examine(tmp_path, events, date(2026, 1, 1), path).line_ends == line_ends
