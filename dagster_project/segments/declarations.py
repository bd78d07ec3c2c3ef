"""What stands beside a segment's SQL: who owns it, what it is for, how its members are kept.

The declarations are the `config.meta` of the models of the stage `segments`, read from dbt's
manifest. What is wrong is told at once for all of them; of one whose fields cannot be read, the
rest only once they can.

Belongs here: what can be declared, and what is wrong with it. Does not belong here: what follows
from it (`dagster_project.measurement`, the asset checks).
"""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dagster_project.segments.columns import WIDE_TABLE, declared_columns
from dagster_project.segments.source_sql import conditions_of_source, undeclared_in_source

STAGE = "segments"
Kind = Literal["dynamic", "ad_hoc", "exclusion", "lookalike_seed", "static"]

_KINDS_WITH_A_GOAL: tuple[Kind, ...] = ("dynamic", "ad_hoc")
_FOREIGN_KEYS = ("criteria", "dagster", "plotted")
"""What other parts of the project read from a model's meta."""
_BEHAVIOUR = "behaviour: "
"""What the keys begin with that the macro `behaviour` adds."""
_DATA_TESTS = ("unique_combination", "relationship_of_columns")
_END = "until_its_end"
_HOW_TO_WRITE_A_GOAL = (
    "Write metric, at_least or at_most (a number) and by (a day), and the aim in words."
)

Text = Annotated[str, Field(min_length=1)]


class SegmentsError(ValueError):
    """Declarations of segments cannot be used; the text names every place and what to do."""


class Goal(BaseModel):
    """What a segment shall reach, so that one can tell whether it did.

    Attributes:
        metric: The column of `metrics.segment_metrics` by which it is judged.
        at_least: The value that it shall not be below; or
        at_most: the value that it shall not be above.
        by: The day by which it shall be so.
        aim: The same in words: why the segment is there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Text
    at_least: Annotated[float, Field(allow_inf_nan=False)] | None = None
    at_most: Annotated[float, Field(allow_inf_nan=False)] | None = None
    by: date
    aim: Text | None = None

    def __str__(self) -> str:
        """Say what is to be reached."""
        if self.at_least is not None:
            return f"{self.metric} at least {self.at_least:g}"
        return f"{self.metric} at most {self.at_most:g}"


class Segment(BaseModel):
    """What is declared of a segment.

    Attributes:
        name: Its name: the table `segments.<name>`.
        description: Who is in it.
        owner: Who answers for it.
        kind: `dynamic` follows the data; `ad_hoc` does so until a day; `exclusion` is for
            audiences to leave out, which name it; `lookalike_seed` shows a platform whom to find
            more of; `static` is a list, which audiences may leave out as well.
        goal: What it shall reach. Needed where it is `dynamic` or `ad_hoc`.
        review_on: The day by which its owner looks whether it is still right; an `ad_hoc` one can
            do without, since it ends.
        ends_on: The last day on which an `ad_hoc` one has members.
        family: Segments of one family exclude each other.
        priority: Which one of its family a person is in who meets the rules of several: the lowest.
        minimum_days: For how many days a member stays at least, counted from the last day on which
            the rule named the person; another segment of the family that ranks first ends it.
        consent_purpose: The consent that people must have given to be contacted for being in it:
            an audience can ask for no other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    description: Text
    owner: Text
    kind: Kind
    goal: Goal | None = None
    review_on: date | None = None
    ends_on: date | None = None
    family: Text | None = None
    priority: Annotated[int, Field(ge=1)] | None = None
    minimum_days: Annotated[int, Field(ge=1, le=366)] = 1
    consent_purpose: Text | None = None

    def is_over(self, day: date) -> bool:
        """Tell whether it has ended before a day."""
        return self.ends_on is not None and day > self.ends_on

    def is_due_for_review(self, day: date) -> bool:
        """Tell whether the day of its review has passed by a day."""
        return self.review_on is not None and day > self.review_on

    def is_past_its_goal(self, day: date) -> bool:
        """Tell whether the day of its goal has passed by a day."""
        return self.goal is not None and day > self.goal.by


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a field of a segment, as a sentence that says what to do."""

    file: str
    segment: str
    field: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}, segment {self.segment}, {self.field}: {self.what}"


def read_segments(manifest: Mapping[str, Any], metrics: Collection[str]) -> list[Segment]:
    """Read what is declared of all segments, by name.

    Args:
        manifest: What dbt knows of the project.
        metrics: The metrics that a goal can name.

    Raises:
        SegmentsError: Names everything that is wrong, with place and remedy.
    """
    models = _models(manifest)
    features = declared_columns(manifest)
    purposes = consent_purposes(manifest)
    faults: list[_Fault] = []
    segments: list[Segment] = []
    for model in models:
        segment, wrong = _read_segment(model)
        faults += wrong
        faults += _faults_of_model(manifest, model)
        faults += _faults_of_columns(model, features)
        if segment:
            segments.append(segment)
            faults += _faults_of_segment(segment, model, metrics, purposes)
    faults += _faults_of_families(segments, {model["alias"]: model for model in models})
    if faults:
        listed = "\n".join(f"- {fault}" for fault in sorted(faults, key=str))
        raise SegmentsError(f"Segments are not declared as they have to be:\n{listed}")
    return segments


def consent_purposes(manifest: Mapping[str, Any]) -> list[str]:
    """List the purposes for which people can have consented.

    Args:
        manifest: What dbt knows of the project: the values that a data test of the model `consents`
            accepts. None, where there is no such test.
    """
    purposes: list[str] = []
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if (
            str(node.get("attached_node")).endswith(".consents")
            and test.get("name") == "accepted_values"
            and test["kwargs"]["column_name"] == "purpose"
        ):
            purposes += test["kwargs"]["values"]
    return purposes


def _models(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    models = (
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == STAGE
    )
    return sorted(models, key=lambda model: str(model["alias"]))


def _file(model: Mapping[str, Any]) -> str:
    """Name the file that a person has to open: the properties, or the SQL where there are none."""
    patch = model.get("patch_path")
    return str(patch).partition("://")[2] if patch else str(model["original_file_path"])


def _read_segment(model: Mapping[str, Any]) -> tuple[Segment | None, list[_Fault]]:
    meta = {
        key: value
        for key, value in model["config"].get("meta", {}).items()
        if key not in _FOREIGN_KEYS and not key.startswith(_BEHAVIOUR)
    }
    stated = {**meta, "name": model["alias"], "description": model.get("description") or ""}
    try:
        return Segment.model_validate(stated), []
    except ValidationError as error:
        return None, [
            _Fault(_file(model), model["alias"], _field(fault["loc"]), _explain(fault))
            for fault in error.errors()
        ]


def _field(place: Sequence[int | str]) -> str:
    path = ".".join(str(part) for part in place)
    return path if path == "description" else f"config.meta.{path}"


def _explain(fault: Any) -> str:
    """Say what pydantic found in words that name the remedy."""
    value, kind, named = fault["input"], fault["type"], str(fault["loc"][-1])
    fields = Goal.model_fields if len(fault["loc"]) > 1 else Segment.model_fields
    known = [name for name in fields if name not in {"name", "description"}]
    kinds = get_args(Kind)
    sentences = {
        "extra_forbidden": f"no such field is known{_near(named, known)} There are "
        f"{', '.join(known)}.",
        "missing": "it is missing. Write it.",
        "literal_error": f"{value!r} is none{_near(str(value), kinds)} Write one of "
        f"{', '.join(kinds)}.",
        "model_type": f"{value!r} cannot be measured. {_HOW_TO_WRITE_A_GOAL}",
        "string_too_short": "it is empty. Write it.",
    }
    if kind.startswith("date"):
        return f"{value!r} is no day. Write it as YYYY-MM-DD."
    return sentences.get(kind, f"{value!r} does not do: {fault['msg']}.")


def _near(name: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else "."


def _faults_of_segment(
    segment: Segment,
    model: Mapping[str, Any],
    metrics: Collection[str],
    purposes: Collection[str],
) -> Iterator[_Fault]:
    """What contradicts itself, or lacks what its kind needs."""

    def fault(field: str, what: str) -> _Fault:
        return _Fault(_file(model), segment.name, f"config.meta.{field}", what)

    yield from _faults_of_goal(segment, metrics, fault)
    yield from _faults_of_review(segment, fault)
    yield from _faults_of_end(segment, model, fault)
    if (segment.family is None) != (segment.priority is None):
        missing = "priority" if segment.priority is None else "family"
        yield fault(missing, "a family and a priority in it go together. Write both, or neither.")
    if segment.consent_purpose and purposes and segment.consent_purpose not in purposes:
        yield fault(
            "consent_purpose",
            f"conformed.consents accepts no purpose {segment.consent_purpose!r}"
            f"{_near(segment.consent_purpose, purposes)} There are {', '.join(purposes)}.",
        )


def _faults_of_goal(
    segment: Segment, metrics: Collection[str], fault: Callable[[str, str], _Fault]
) -> Iterator[_Fault]:
    goal = segment.goal
    if goal is None:
        if segment.kind in _KINDS_WITH_A_GOAL:
            yield fault("goal", f"it is missing. {_HOW_TO_WRITE_A_GOAL}")
        return
    if goal.at_least is None and goal.at_most is None:
        yield fault("goal", f"what {goal.metric} shall be is missing. Write at_least or at_most.")
    if goal.at_least is not None and goal.at_most is not None:
        yield fault("goal", "it has two directions, at_least and at_most. Take one of them out.")
    if goal.metric not in metrics:
        yield fault(
            "goal.metric",
            f"{goal.metric!r} is no metric of metrics.segment_metrics{_near(goal.metric, metrics)} "
            f"There are {', '.join(sorted(metrics))}.",
        )


def _faults_of_review(segment: Segment, fault: Callable[[str, str], _Fault]) -> Iterator[_Fault]:
    if segment.review_on is None and segment.kind != "ad_hoc":
        yield fault("review_on", "it is missing. Write the day by which its owner reviews it.")
    if segment.review_on and segment.ends_on and segment.review_on > segment.ends_on:
        yield fault(
            "review_on",
            f"{segment.review_on} is after its end, {segment.ends_on}. Write an earlier day, or "
            "take it out.",
        )


def _faults_of_end(
    segment: Segment, model: Mapping[str, Any], fault: Callable[[str, str], _Fault]
) -> Iterator[_Fault]:
    if segment.kind == "ad_hoc":
        if segment.ends_on is None:
            yield fault("ends_on", "an ad_hoc segment ends on a day. Write it as YYYY-MM-DD.")
        if not _minds_its_end(model):
            yield fault(
                "ends_on",
                f"the SQL does not mind it. Add `and {{{{ {_END}() }}}}` to the where clause of "
                f"the last select of {model['original_file_path']}, where it holds of everybody: "
                "in no brackets, with what stands beside an `or` in brackets of its own.",
            )
        return
    if segment.ends_on is not None:
        yield fault("ends_on", f"a segment that is {segment.kind} has no end; ad_hoc ones have.")
    elif any(macro.endswith(f".{_END}") for macro in model["depends_on"]["macros"]):
        yield fault("ends_on", f"the SQL calls {_END}(), which needs it, with the kind ad_hoc.")


def _minds_its_end(model: Mapping[str, Any]) -> bool:
    """Tell whether a segment's end is a condition of everybody in it: beside an `or` it is not."""
    return any(
        re.fullmatch(rf"\(?{_END}\([^()]*\)\)?", condition)
        for condition in conditions_of_source(model["raw_code"])
    )


def _faults_of_model(manifest: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[_Fault]:
    """Each segment has the data tests without which duplicates and strangers would stay unseen."""
    tests = {
        (node.get("test_metadata") or {}).get("name")
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("attached_node") == model.get("unique_id")
    }
    if missing := [name for name in _DATA_TESTS if name not in tests]:
        yield _Fault(
            _file(model),
            model["alias"],
            "data_tests",
            f"{' and '.join(missing)} missing. Write the data_tests that the other segments have.",
        )


def _faults_of_columns(model: Mapping[str, Any], features: Collection[str]) -> Iterator[_Fault]:
    """What is not declared may still be in the warehouse, empty: nobody would be a member."""
    for name in undeclared_in_source(model["raw_code"], features):
        yield _Fault(
            str(model["original_file_path"]),
            model["alias"],
            name,
            f"no theme declares this column of {WIDE_TABLE}{_near(name, features)} Correct the "
            "SQL, or declare it.",
        )


def _faults_of_families(
    segments: Sequence[Segment], models: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Fault]:
    sizes = Counter(segment.family for segment in segments if segment.family)
    ranks = Counter((segment.family, segment.priority) for segment in segments if segment.family)
    for segment in segments:
        if not segment.family:
            continue
        file = _file(models[segment.name])
        if sizes[segment.family] == 1:
            others = sorted(family for family in sizes if family != segment.family)
            yield _Fault(
                file,
                segment.name,
                "config.meta.family",
                f"no other segment is of the family {segment.family}"
                f"{_near(segment.family, others)} Name a family of two at least, or take it out.",
            )
        if segment.priority is not None and ranks[segment.family, segment.priority] > 1:
            yield _Fault(
                file,
                segment.name,
                "config.meta.priority",
                f"another segment of the family {segment.family} has {segment.priority} as well. "
                "Give each one its own.",
            )
