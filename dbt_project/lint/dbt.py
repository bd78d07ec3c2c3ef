"""dbt's cross-database macros as the SQL linter sees them: text of the right shape.

Belongs here: stand-ins for the macros of dbt's that the models call. Does not belong here: anything
that dbt runs; this folder is read by sqlfluff alone, for which dbt's own templater is too slow.
"""


def type_string() -> str:
    """Stand in for the type of texts."""
    return "varchar"


def type_int() -> str:
    """Stand in for the type of whole numbers."""
    return "integer"


def type_bigint() -> str:
    """Stand in for the type of large whole numbers."""
    return "bigint"


def current_timestamp() -> str:
    """Stand in for the clock."""
    return "current_timestamp"


def dateadd(datepart: str, interval: int, from_date: str) -> str:
    """Stand in for a date that lies an interval after another."""
    return f"date_add({from_date}, interval ({interval}) {datepart})"


def date_trunc(datepart: str, date: str) -> str:
    """Stand in for the first moment of the period that a date lies in."""
    return f"date_trunc('{datepart}', {date})"


def datediff(first_date: str, second_date: str, datepart: str) -> str:
    """Stand in for the number of boundaries between two dates."""
    return f"date_diff('{datepart}', {first_date}, {second_date})"


def escape_single_quotes(expression: str) -> str:
    """Stand in for a text that can stand between quotes."""
    return expression.replace("'", "''")


def hash(field: str) -> str:  # noqa: A001 - the name is dbt's
    """Stand in for a hash of a value."""
    return f"md5({field})"


def listagg(measure: str, delimiter_text: str, order_by_clause: str) -> str:
    """Stand in for the texts of a group, one after the other."""
    return f"string_agg({measure}, {delimiter_text} {order_by_clause})"
