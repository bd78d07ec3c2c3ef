"""Segments that are wrong, or of which there is little to say: an error, or a defined result."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from dagster_project import transformation
from dagster_project.engine import open_warehouse
from dagster_project.home import Home
from dagster_project.segments.__main__ import main
from dagster_project.segments.preview import preview
from dagster_project.segments.source_sql import PreviewError, SegmentFile, compile_segment
from dagster_project.transformation import UnusableProjectError, dbt_project, errors_in_logs
from tests.integration.segments.project import DAY, Activity, SegmentsProject, segments_project

pytestmark = pytest.mark.xdist_group("segments")

PEOPLE = ["p0", "p1", "p2", "p3"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SegmentsProject:
    at = datetime.combine(DAY, time(12))
    made = segments_project(
        tmp_path_factory.mktemp("bad_input"), PEOPLE, [Activity("p1", "order", at)]
    )
    made.execute(
        """
        create table profiles.listed_members (list_name varchar, profile_id varchar);
        insert into profiles.listed_members
        values ('staff', 'p2'), ('staff', null), ('press', 'p3');
        """
    )
    return made


def test_conditions_that_can_say_nothing_hold_of_nobody_and_others_build_on(
    project: SegmentsProject,
) -> None:
    """What is divided by zero, a list, and the segment after an empty one."""
    project.write_segments(
        {
            "divided": "10 / order_count > 4",
            "zero_by_zero": "order_count / order_count = 1",
            "nobody": "order_count < 0",
            "not_nobody": "{{ not_in_segment('nobody') }}",
            "listed": "{{ listed_in('staff') }}",
            "unlisted": "{{ not_listed_in('staff') }} and {{ did_not('order', within_days=3) }}",
        }
    )
    succeeded, output = project.build("profile_behaviours", "path:models/segments/cases")
    assert succeeded, output
    assert project.members("divided") == {"p1", "p2"}
    assert project.members("zero_by_zero") == {"p1", "p2", "p3"}
    assert project.members("nobody") == set()
    assert project.members("not_nobody") == set(PEOPLE)
    assert project.members("listed") == {"p2"}
    assert project.members("unlisted") == {"p0", "p3"}


def test_an_unknown_column_and_an_unknown_list_stop_the_segment_and_are_named(
    project: SegmentsProject,
) -> None:
    project.write_segments(
        {"odd": "ordr_count > 3", "typo": "{{ listed_in('staf') }}", "fine": "order_count > 2"}
    )
    succeeded, output = project.build("path:models/segments/cases")
    assert not succeeded
    assert 'Referenced column "ordr_count" not found' in output
    assert (
        "typo asks who is on the list 'staf', but no such list has landed. Let it land in "
        "lists/segment_members. There are: press, staff" in output
    )
    assert project.members("fine") == {"p3"}


def test_duplicates_and_strangers_fail_the_tests_that_every_segment_has(
    project: SegmentsProject,
) -> None:
    project.write_segments({"twice": "true", "strange": "true"})
    folder = project.project / "models" / "segments" / "cases"
    (folder / "twice.sql").write_text(
        "select profile_id, as_of from {{ ref('profile_features') }} cross join range(2)"
    )
    (folder / "strange.sql").write_text(
        "select 'x' || profile_id as profile_id, as_of from {{ ref('profile_features') }}"
    )
    properties = folder / "_cases__models.yml"
    shared = (
        "    data_tests:\n"
        "      - unique_combination: {arguments: {columns: [profile_id, as_of]}}\n"
        "      - relationship_of_columns:\n"
        "          arguments: {to: ref('profile_features'), columns: [profile_id, as_of]}\n"
        "    columns:"
    )
    properties.write_text(properties.read_text().replace("    columns:", shared))
    assert project.build("path:models/segments/cases")[0]
    succeeded, output = project.dbt("test", "--select", "path:models/segments/cases")
    assert not succeeded
    assert "Failure in test unique_combination_twice_profile_id__as_of" in output
    assert "Failure in test relationship_of_columns_strange_profile_id__as_of" in output
    assert "Failure in test relationship_of_columns_twice" not in output


def test_a_segment_past_its_end_is_empty_and_says_so(project: SegmentsProject) -> None:
    meta = f"{{owner: a, kind: ad_hoc, ends_on: {DAY}}}"
    project.write_segments({"gifts": "order_count > 2 and {{ until_its_end() }}"}, meta)
    after = DAY.replace(day=DAY.day + 1)
    for day in (DAY, after):
        succeeded, output = project.build("gifts", day=day)
        assert succeeded, output
    assert project.members("gifts") == {"p3"}
    assert project.members("gifts", after) == set()
    log = (project.home.dbt / "dbt.log").read_text()
    assert f"segments.gifts ended on {DAY}: it is empty on {after}." in log


def test_a_segment_that_minds_an_end_which_nobody_declared_is_refused_by_dbt_too(
    project: SegmentsProject,
) -> None:
    project.write_segments({"gifts": "{{ until_its_end() }}"})
    # As Dagster has it logged.
    as_dagster = ("--log-format-file", "json")
    day = ("--event-time-start", str(DAY), "--event-time-end", str(DAY + timedelta(days=1)))
    began_at = datetime.now(UTC)
    assert not project.dbt(*as_dagster, "run", "--select", "gifts", *day)[0]
    (error,) = errors_in_logs(project.home.dbt, began_at)
    assert error.startswith("Compilation Error in model gifts (models/segments/cases/gifts.sql)")
    assert (
        "gifts calls until_its_end, but has no end. Write ends_on into its config.meta, in "
        "_segments__models.yml."
    ) in error
    # What stopped one run is no matter of the next one.
    assert errors_in_logs(project.home.dbt, datetime.now(UTC)) == []


@pytest.fixture
def loaded_project(
    project: SegmentsProject, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SegmentsProject]:
    """The copy in the place of the code location's project, and without faults afterwards."""
    monkeypatch.setattr(transformation, "PROJECT_FOLDER", project.project)
    yield project
    project.write_segments({"fine": "true"})


def test_segments_that_ask_for_each_other_are_named_as_the_code_location_loads(
    loaded_project: SegmentsProject, tmp_path: Path
) -> None:
    loaded_project.write_segments(
        {"hen": "{{ in_segment('egg') }}", "egg": "{{ not_in_segment('hen') }}"}
    )
    with pytest.raises(UnusableProjectError) as refused:
        dbt_project(Home(tmp_path))
    path, remedy = str(refused.value).split(". ", 1)
    assert path in {
        "Models go in a circle: segments.hen, which reads segments.egg, which reads segments.hen",
        "Models go in a circle: segments.egg, which reads segments.hen, which reads segments.egg",
    }
    assert "models/segments/cases/hen.sql" in remedy
    assert "models/segments/cases/egg.sql" in remedy
    with pytest.raises(UnusableProjectError):
        dbt_project(Home(tmp_path))
    tried = SegmentFile("tried", tmp_path / "tried.sql", "select 1 as profile_id")
    with pytest.raises(PreviewError, match="Found a cycle: ") as stopped:
        compile_segment(tried, DAY, Home(tmp_path), loaded_project.project)
    assert "Traceback" not in str(stopped.value)


def test_a_day_that_is_none_is_named_with_its_line(
    loaded_project: SegmentsProject, tmp_path: Path
) -> None:
    loaded_project.write_segments(
        {"gifts": "true"}, "{owner: a, kind: dynamic, review_on: 2027-13-31}"
    )
    with pytest.raises(UnusableProjectError) as refused:
        dbt_project(Home(tmp_path))
    assert str(refused.value) == (
        "models/segments/cases/_cases__models.yml, line 4: 2027-13-31 is no day (month must be in "
        "1..12). Write it as YYYY-MM-DD."
    )


def test_a_preview_without_a_warehouse_says_which_folder_it_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEGMENTATION_HOME", str(tmp_path))
    assert main(["preview", "champions"]) == 1
    assert (
        f"Stopped: There is no warehouse {tmp_path / 'warehouse.duckdb'}. Let SEGMENTATION_HOME "
        "name the folder of your deployment, and run the pipeline once."
    ) in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_preview_answers_what_nobody_asked_before_and_leaves_the_warehouse_as_it_was(
    project: SegmentsProject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SEGMENTATION_HOME", str(project.home.root))
    file = tmp_path / "tried.sql"
    file.write_text(
        "select profile_id, as_of\nfrom {{ ref('profile_features') }}\n"
        "where {{ did('order', within_days=2) }} and order_count < 9\n"
    )
    before = project.home.warehouse.read_bytes()
    assert main(["preview", str(file), "--as-of", DAY.isoformat()]) == 0
    printed = capsys.readouterr().out
    assert f"tried on {DAY}: 1 of 4 people, 25.0%" in printed
    assert "did('order', within_days=2)" in printed
    assert "Typical members: p1" in printed
    assert project.home.warehouse.read_bytes() == before


def test_the_next_preview_begins_with_what_dbt_has_parsed(
    project: SegmentsProject, tmp_path: Path
) -> None:
    segment = SegmentFile("tried", tmp_path / "tried.sql", "select {{ as_of_date() }} as as_of")
    home = Home(tmp_path)
    kept = home.dbt / "preview" / "partial_parse.msgpack"
    first = compile_segment(segment, DAY, home, project.project)
    parsed = kept.read_bytes()
    second = compile_segment(segment, DAY.replace(day=1), home, project.project)
    assert (first, second) == (
        "select cast('2026-11-20' as date) as as_of",
        "select cast('2026-11-01' as date) as as_of",
    )
    # dbt writes it whenever it has parsed anything.
    assert kept.read_bytes() == parsed


def test_whoever_may_write_nothing_can_preview_and_is_shown_no_more_than_they_wrote(
    project: SegmentsProject, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.dbt.write_text("no folder")
    fine = SegmentFile("tried", tmp_path / "tried.sql", "select 1 as profile_id")
    assert compile_segment(fine, DAY, home, project.project) == "select 1 as profile_id"
    odd = SegmentFile("tried", tmp_path / "tried.sql", "select {{ ref('profile_features' }}")
    with pytest.raises(PreviewError, match=r"tried\.sql, line 1, column 16") as refused:
        compile_segment(odd, DAY, home, project.project)
    assert "set_as_of" not in str(refused.value)


def test_a_preview_refuses_a_feature_that_only_the_warehouse_still_has(
    project: SegmentsProject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SEGMENTATION_HOME", str(project.home.root))
    project.execute("alter table features.profile_features add column oder_count bigint")
    file = tmp_path / "tried.sql"
    file.write_text(
        "select profile_id, as_of\nfrom {{ ref('profile_features') }}\nwhere oder_count > 2\n"
    )
    assert main(["preview", str(file), "--as-of", DAY.isoformat()]) == 1
    printed = capsys.readouterr().out
    assert "tried.sql, line 3, column 7:\n" in printed
    assert "There is no column oder_count. Did you mean order_count" in printed


def test_a_preview_refuses_lists_and_products_that_there_are_not_and_points_to_them(
    project: SegmentsProject,
) -> None:
    asked = {
        "not_listed_in('staf')": (
            "line 4, column 25",
            "but no such list has landed. Let it land in lists/segment_members. There are: press,",
        ),
        "did_not('purchase', within_days=3, category='BAKRY')": (
            "line 4, column 55",
            "within 3 days', but no product has the category 'BAKRY' (near it are: BAKERY).",
        ),
    }
    texts = [
        f"-- {condition}\nselect profile_id, as_of\nfrom {{{{ ref('profile_features') }}}}\n"
        f"where {{{{ {condition} }}}}\n"
        for condition in asked
    ]
    with open_warehouse(project.home.warehouse, read_only=True) as connection:
        for text, compiled, said in zip(
            texts, project.compile_each(texts), asked.values(), strict=True
        ):
            with pytest.raises(PreviewError) as raised:
                preview(connection, SegmentFile("tried", Path("tried.sql"), text), compiled, DAY)
            assert all(part in str(raised.value) for part in said)
