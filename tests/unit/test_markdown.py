"""How a table looks that a person reads in the UI."""

from dagster_project.markdown import markdown_table


def test_numbers_stand_to_the_right_with_separators_and_a_bar_in_a_text_breaks_nothing():
    table = markdown_table(("rule", "rows"), [("a|b", 1234567), ("c", "about 5")], numbers=1)
    assert table.splitlines() == [
        "| rule | rows |",
        "| --- | ---: |",
        "| a\\|b | 1,234,567 |",
        "| c | about 5 |",
    ]


def test_a_table_without_rows_is_its_headings():
    assert markdown_table(("rule",), []) == "| rule |\n| --- |"
