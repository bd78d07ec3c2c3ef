"""README's table of the criteria that segments can use, and of what shows each of them.

A feature or a segment says by `criteria` in its `meta` what it is an example of, as
`<group>: <criterion>`. The table between the two marks in README is written from these, so that it
cannot name what is not there.

Belongs here: gathering them from dbt's manifest and writing the table. Does not belong here: which
criteria there are; they stand with what shows them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from dagster_project.markdown import markdown_table

_BEGIN = "<!-- criteria, written by `python -m dagster_project.segments reference --write` -->"
_END = "<!-- end of criteria -->"
_STAGES = ("features", "segments")


class ReferenceError(ValueError):
    """The table cannot be written; the text says what to mend."""


def criteria_table(manifest: Mapping[str, Any]) -> str:
    """Write the table: a row per criterion, by group, with the features and segments that show it.

    Args:
        manifest: What dbt knows of the project.

    Raises:
        ReferenceError: A criterion names no group.
    """
    shown: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for stage, name, criterion in _criteria(manifest):
        group, _, what = criterion.partition(": ")
        if not what:
            raise ReferenceError(
                f"{stage}.{name} shows the criterion {criterion!r}, which names no group. "
                "Write it as '<group>: <criterion>'."
            )
        shown[group, what][stage].append(f"`{name}`")
    return markdown_table(
        ["", "criterion", "features", "segments"],
        [
            (group, what, *(", ".join(sorted(names[stage])) for stage in _STAGES))
            for (group, what), names in sorted(shown.items())
        ],
    )


def with_criteria(readme: str, table: str) -> str:
    """Put the table in its place.

    Args:
        readme: The text of README.md.
        table: What to write between its two marks.

    Raises:
        ReferenceError: The marks are not there, once each and in their order.
    """
    pattern = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    written, places = pattern.subn(lambda _: f"{_BEGIN}\n{table}\n{_END}", readme)
    if places != 1:
        raise ReferenceError(
            f"README.md has {places} places for the table. Write the lines {_BEGIN!r} and {_END!r} "
            "once, where it shall stand."
        )
    return written


def _criteria(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] not in _STAGES:
            continue
        for criterion in _named(node):
            yield node["schema"], node["name"], criterion
        for column in node["columns"].values():
            for criterion in _named(column):
                yield node["schema"], column["name"], criterion


def _named(properties: Mapping[str, Any]) -> list[str]:
    return list(properties.get("config", {}).get("meta", {}).get("criteria", []))
