"""Numbers that stand for texts tell them apart, however alike the texts are."""

import re
from pathlib import Path

import duckdb
import jinja2
import pytest

from dagster_project.transformation import PROJECT_FOLDER

PHONES = """
    select '+49 15' || a || b || ' ' || lpad(number::varchar, 7, '0') as value
    from range(10) as first(a), range(10) as second(b), range(2000) as numbers(number)
"""
OBJECT_IDS = """
    select 'shop__customers:' || printf('%08x', 1700000000 + 3 * number) || 'a1b2c3d4e5'
        || printf('%06x', number) as value
    from range(200000) as numbers(number)
"""


def render(macro: str, arguments: str) -> str:
    """Call a macro's form on DuckDB."""
    text = (Path(PROJECT_FOLDER) / "macros" / f"{macro}.sql").read_text()
    return jinja2.Template(f"{text}{{{{ duckdb__{macro}({arguments}) }}}}").render()


@pytest.mark.parametrize(
    "values", [pytest.param(PHONES, id="phones"), pytest.param(OBJECT_IDS, id="numbered ids")]
)
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(render("hash_number", "['value']"), id="value"),
        pytest.param(render("row_hash", "'stated', 'salt', []"), id="row"),
    ],
)
def test_values_that_differ_in_a_few_digits_have_numbers_of_their_own(
    values: str, number: str
) -> None:
    counted = duckdb.sql(
        f"select count(*) = count(distinct value), count(*) = count(distinct {number}) "
        f"from ({values}) as stated"
    ).fetchone()

    assert counted == (True, True)


def test_a_value_that_moves_to_another_column_gives_a_row_another_number() -> None:
    number = render("row_hash", "'stated', 'salt', []")
    numbers = duckdb.sql(
        f"select distinct {number} from (values ('x', null), (null, 'x')) as stated (one, other)"
    ).fetchall()

    assert len(numbers) == 2


def test_a_record_counts_as_changed_by_every_column_but_when_it_was_stated() -> None:
    model = (PROJECT_FOLDER / "models/conformed/customer_records.sql").read_text()
    call = re.search(r"{{ row_hash\((.+)\) }} as fingerprint", model)
    assert call
    first, by_id, by_email, by_update = duckdb.sql(
        f"""
        select {render("row_hash", call[1])}
        from (
            values ('r', 'e', 'u'), ('r!', 'e', 'u'), ('r', 'e!', 'u'), ('r', 'e', 'u!')
        ) as all_records (record_id, email, updated_at)
        """
    ).fetchall()

    assert len({first, by_id, by_email}) == 3
    assert by_update == first
