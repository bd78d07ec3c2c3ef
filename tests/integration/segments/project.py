"""A copy of the dbt project with segments of its own, on what a test says that people did."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dagster_project.segments.source_sql import setting_of
from tests.integration.project_copy import ProjectCopy

DAY = date(2026, 11, 20)


class Activity(NamedTuple):
    """One thing that somebody did."""

    profile: str
    activity: str
    at: datetime
    product: str | None = None
    quantity: int = 0
    sales_amount: float = 0.0
    duration_seconds: int = 0


PRODUCTS = {
    "bread": ("FOOD", "BAKERY", "own"),
    "tea": ("FOOD", "DRINKS", "other"),
    "boots": ("SHOES", "WINTER", "own"),
}
"""Department, category and brand by product."""

_TABLES = """
    create schema conformed;
    create schema identity;
    create schema profiles;
    create schema features;
    create table conformed.activities (
        profile_id varchar, activity_type varchar, occurred_at timestamp, product_id varchar,
        quantity bigint, sales_amount decimal(18, 2), duration_seconds bigint
    );
    create view conformed.daily_activity as
    select
        cast(substr(profile_id, 2) as bigint) as record_number, activity_type, product_id,
        count(*) as activity_count, cast(sum(quantity) as bigint) as quantity,
        cast(sum(sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(duration_seconds) as bigint) as duration_seconds,
        min(occurred_at) as first_at, max(occurred_at) as last_at,
        cast(occurred_at as date) as activity_on
    from conformed.activities
    group by all;
    create table conformed.products (
        product_id varchar, department varchar, category varchar, brand varchar, brand_type varchar
    );
    create table identity.identity_map (record_number bigint, profile_id varchar);
    create table profiles.profiles (profile_id varchar, first_seen_on date);
    create table features.profile_features (
        profile_id varchar, order_count bigint, city varchar, as_of date
    );
"""

_ENTRY = """
  - name: {name}
    description: A segment of a test.
    config: {{meta: {meta}}}
    columns:
      - {{name: profile_id, data_type: string}}
      - {{name: as_of, data_type: date}}
"""


_COMPILE_EACH = """
import json, sys
from dbt.cli.main import dbtRunner
setting, texts, options = json.load(sys.stdin)
manifest = dbtRunner().invoke(["--quiet", "parse", *options]).result
inline = ["--quiet", "compile", "--no-populate-cache", *options, "--inline"]
said = []
for text in texts:
    manifest.nodes.pop("sql_operation.customer_segmentation.inline_query", None)
    done = dbtRunner(manifest).invoke([*inline, setting + text])
    refused = done.exception and (done.exception.__context__ or done.exception)
    said.append(str(refused) if refused else done.result.results[0].node.compiled_code)
json.dump(said, sys.stderr)
"""


class SegmentsProject(ProjectCopy):
    """The copy, and what people did."""

    def tell(self, people: Iterable[str], activities: Iterable[Activity]) -> None:
        """Write who there is, on the days around `DAY`, and what they did."""
        listed = ", ".join(f"('{one}')" for one in people)
        done = ", ".join(
            "({})".format(
                ", ".join("null" if value is None else f"'{value}'" for value in activity)
            )
            for activity in activities
        )
        products = ", ".join(str((name, *details)) for name, details in PRODUCTS.items())
        self.execute(
            f"""
            create temp table people as from (values {listed}) as people (profile_id);
            insert into conformed.products (product_id, department, category, brand)
            values {products};
            insert into identity.identity_map
            select cast(substr(profile_id, 2) as bigint), profile_id from people;
            insert into profiles.profiles select profile_id, date '2026-01-01' from people;
            insert into features.profile_features
            select
                profile_id, cast(substr(profile_id, 2) as bigint) as order_count, 'Rome' as city,
                cast(day as date) as as_of
            from people
            cross join range(
                date '{DAY - timedelta(2)}', date '{DAY + timedelta(3)}', interval 1 day
            ) as days (day);
            insert into conformed.activities values {done};
            """
        )

    def write_segments(
        self, conditions: Mapping[str, str], meta: str = "{owner: a, kind: dynamic, goal: {}}"
    ) -> None:
        """Write segments by their conditions, in the place of earlier ones."""
        folder = self.project / "models" / "segments" / "cases"
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for name, condition in conditions.items():
            (folder / f"{name}.sql").write_text(
                "select profile_id, as_of\n"
                "from {{ ref('profile_features') }}\n"
                f"where\n    {condition}\n"
            )
        entries = "".join(_ENTRY.format(name=name, meta=meta) for name in conditions)
        (folder / "_cases__models.yml").write_text(f"models:{entries}")

    def build(self, *select: str, day: date = DAY) -> tuple[bool, str]:
        """Let dbt build models for a day, and tell whether it went well, and what it said."""
        return self.dbt(
            "run",
            "--select",
            *select,
            "--event-time-start",
            day.isoformat(),
            "--event-time-end",
            (day + timedelta(1)).isoformat(),
        )

    def compile_each(self, texts: Sequence[str], day: date = DAY) -> list[str]:
        """Let dbt compile SQL, text by text, and tell what comes of each, or why it is refused.

        As a preview has it compiled, but parsed once for all.
        """
        folders = (
            *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
            *("--target-path", str(self.home.dbt), "--log-path", str(self.home.dbt)),
        )
        finished = subprocess.run(
            [sys.executable, "-c", _COMPILE_EACH],
            input=json.dumps([setting_of(day), texts, folders]),
            cwd=self.root,
            env={**os.environ, "SEGMENTATION_HOME": self.home.root.name},
            capture_output=True,
            text=True,
            check=True,
        )
        said: list[str] = json.loads(finished.stderr)
        return said

    def members(self, segment: str, day: date = DAY) -> set[str]:
        """Tell whom a segment names on a day."""
        rows = self.rows(f"select profile_id from segments.{segment} where as_of = '{day}'")
        return {profile for (profile,) in rows}


def segments_project(
    root, people: Iterable[str], activities: Iterable[Activity]
) -> SegmentsProject:
    """Lay out a project where these people did this."""
    made = SegmentsProject.lay_out(root, _TABLES)
    made.tell(people, activities)
    return made
