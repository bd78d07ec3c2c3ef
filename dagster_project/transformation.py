"""The dbt project as this code location sees it: where it is, its manifest, what it names.

Belongs here: finding and preparing the dbt project, and reading its manifest. Does not belong here:
the assets made from it (`defs.transformation`), and any model's name: what a model needs to take
part in the flow stands in its folder and its properties.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtCliRuntimeError,
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
)

from dagster_project.home import ENVIRONMENT_VARIABLE, Home
from dagster_project.resolution.truth import require_truth
from dagster_project.settings import read_settings

PROJECT_FOLDER = Path(__file__).parent.parent / "dbt_project"
FUZZY_MATCHING_MODEL = PROJECT_FOLDER / "models" / "identity" / "fuzzy_matching.json"
"""The reviewed parameters of the fuzzy matching."""
VALUE_PARAMETERS = PROJECT_FOLDER / "seeds" / "customer_value_parameters.csv"
"""The reviewed parameters of the value prediction."""

_Properties = Mapping[str, Any]

_DAY = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")


class UnusableProjectError(ValueError):
    """The dbt project cannot be used; the text names the files and what to do."""


class Translator(DagsterDbtTranslator):
    """Names a dbt node in Dagster as SQL names its table, and groups it by its stage."""

    def __init__(self) -> None:
        """Show the tests of sources as checks of the assets that make these sources."""
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_key(self, dbt_resource_props: _Properties) -> dg.AssetKey:
        """Make the key `[schema, table]`."""
        table = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias")
        return dg.AssetKey([dbt_resource_props["schema"], table or dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: _Properties) -> str:
        """Take the stage, which is the schema."""
        return str(dbt_resource_props["schema"])

    def get_metadata(self, dbt_resource_props: _Properties) -> Mapping[str, Any]:
        """Add what is declared of a segment: what it is for, and how its members are kept."""
        metadata = dict(super().get_metadata(dbt_resource_props))
        if dbt_resource_props["schema"] == "segments":
            meta = dbt_resource_props.get("config", {}).get("meta", {})
            metadata |= {
                key.replace("_", " "): value for key, value in meta.items() if key != "dagster"
            }
        return metadata

    def get_description(self, dbt_resource_props: _Properties) -> str:
        """Take what the properties file says; the SQL is one click away in the repository."""
        return str(dbt_resource_props.get("description", ""))

    def get_asset_spec(
        self, manifest: _Properties, unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Show the columns of the models of its schema that a table joins as that table's."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id, {})
        if not _has_columns_of_its_schema(node):
            return spec
        columns = [
            dg.TableColumn(name, column["data_type"], column["description"])
            for name, column in declared_columns(manifest, node).items()
        ]
        return spec.merge_attributes(metadata={"dagster/column_schema": dg.TableSchema(columns)})


def prepare_environment(home: Home) -> None:
    """Tell the dbt processes to come where this deployment is.

    They are started in dbt's project folder, where a relative path would mean another place, and
    take over what `home.dbt` holds of earlier parsing.

    Args:
        home: The deployment.
    """
    os.environ[ENVIRONMENT_VARIABLE] = str(home.root)
    os.environ["DBT_TARGET_PATH"] = str(home.dbt)


def dbt_project(home: Home) -> DbtProject:
    """Describe the dbt project, with a manifest that is not older than its files.

    Dagster prepares the manifest only under its development command. Every other way to load this
    code location, a fresh clone among them, has it prepared here.

    Args:
        home: The deployment, which holds what dbt compiles.

    Raises:
        SettingsError: Its settings cannot be used.
        UnusableProjectError: A properties file states a day that is none, or models go in a circle.
    """
    project = DbtProject(PROJECT_FOLDER, target_path=home.dbt)
    if _is_stale(project.manifest_path, home):
        home.dbt.mkdir(parents=True, exist_ok=True)
        parse(project, settled_variables(home))
        _require_no_circle(project)
    return project


def _require_no_circle(project: DbtProject) -> None:
    """Refuse models that read each other: dbt parses them, and Dagster follows them for ever."""
    manifest = read_manifest(project)
    try:
        TopologicalSorter(manifest.get("parent_map", {})).prepare()
    except CycleError as error:
        # Whoever loads the project next has it parsed, and looked at, again.
        project.manifest_path.unlink()
        models = [manifest["nodes"][unique_id] for unique_id in reversed(error.args[1])]
        path = ", which reads ".join(f"{model['schema']}.{model['alias']}" for model in models)
        files = " or ".join(model["original_file_path"] for model in models[1:])
        raise UnusableProjectError(
            f"Models go in a circle: {path}. Take one of these references out, in {files}."
        ) from None


def dbt_command_line(project: DbtProject) -> DbtCliResource:
    """Make the resource that starts dbt.

    dbt is looked for beside the interpreter first: nobody has to activate the virtual environment.
    """
    beside = shutil.which("dbt", path=str(Path(sys.executable).parent))
    return DbtCliResource(project_dir=project, dbt_executable=beside or "dbt")


def settled_variables(home: Home) -> Mapping[str, str | bool]:
    """Say to dbt, as variables, what a deployment has settled of its own.

    Args:
        home: The deployment.

    Raises:
        SettingsError: Its settings cannot be used.
    """
    settings = read_settings(home)
    variables: dict[str, str | bool] = {}
    if settings.value_prediction:
        variables["predicts_value"] = True
    if settings.identity_truth:
        variables["identity_truth"] = str(home.root / settings.identity_truth)
    return variables


def checked_variables(home: Home) -> Mapping[str, str | bool]:
    """Say to dbt what a deployment has settled, once the files that it names can be used.

    Args:
        home: The deployment.

    Raises:
        SettingsError: Its settings cannot be used.
        TruthError: A file that they name cannot.
    """
    variables = settled_variables(home)
    if file := variables.get("identity_truth"):
        require_truth(Path(str(file)))
    return variables


def variable_arguments(variables: Mapping[str, str | bool]) -> list[str]:
    """Write variables as arguments of dbt, which parses all anew where they differ from last time.

    Args:
        variables: By name; none are no argument.
    """
    return ["--vars", json.dumps(variables)] if variables else []


class DbtError(RuntimeError):
    """dbt failed; the text is what it said."""


def run_dbt(command_line: DbtCliResource, home: Home, *arguments: str) -> None:
    """Run dbt on a home of its own, outside of the flow: no asset comes of it.

    Args:
        command_line: How dbt is started.
        home: Whose warehouse dbt works on.
        arguments: The command and its options.

    Raises:
        DbtError: dbt failed.
    """
    finished = subprocess.run(
        [
            command_line.dbt_executable,
            "--quiet",
            *arguments,
            *("--project-dir", str(PROJECT_FOLDER)),
            *("--profiles-dir", str(PROJECT_FOLDER)),
            *("--target-path", str(home.dbt)),
            *("--log-path", str(home.dbt)),
        ],
        env={**os.environ, ENVIRONMENT_VARIABLE: str(home.root)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise DbtError(f"dbt {' '.join(arguments)} failed:\n{finished.stdout}")


def errors_in_logs(folder: Path, since: datetime) -> list[str]:
    """Read what stopped models, from dbt's logs.

    Of a model that is built by day, what could not be compiled stands nowhere else.

    Args:
        folder: Where dbt logs, as JSON. A long run leaves several files there.
        since: When the run began; what was logged before is of another one.
    """
    errors: dict[str, None] = {}
    for log in sorted(folder.glob("dbt.log*"), key=lambda log: log.stat().st_mtime):
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if '"exc": ' in line:
                    event = json.loads(line)
                    if datetime.fromisoformat(event["info"]["ts"]) >= since:
                        errors[event["data"]["exc"].strip()] = None
    return list(errors)


def parse(project: DbtProject, variables: Mapping[str, str | bool]) -> None:
    """Let dbt write the project's manifest.

    Args:
        project: What to parse.
        variables: Those that runs will have, so that they find it parsed.
    """
    arguments = ["parse", "--quiet", *variable_arguments(variables)]
    try:
        dbt_command_line(project).cli(arguments, target_path=project.target_path).wait()
    except DagsterDbtCliRuntimeError as error:
        # At these dbt stops without a word of where they are.
        if wrong := list(_days_that_are_none(Path(project.project_dir))):
            raise UnusableProjectError("\n".join(wrong)) from error
        raise


def _days_that_are_none(project: Path) -> Iterable[str]:
    for path in sorted(project.rglob("*.yml")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for day in _DAY.findall(line):
                try:
                    date(*map(int, day.split("-")))
                except ValueError as error:
                    place = f"{path.relative_to(project)}, line {number}"
                    yield f"{place}: {day} is no day ({error}). Write it as YYYY-MM-DD."


def _is_stale(manifest: Path, home: Home) -> bool:
    if not manifest.exists():
        return True
    prepared_at = manifest.stat().st_mtime
    read = [*_files_of(PROJECT_FOLDER), *([home.settings] if home.settings.exists() else [])]
    return any(path.stat().st_mtime > prepared_at for path in read)


def _files_of(project: Path) -> Iterable[Path]:
    """List files and folders: a folder's time tells that a file was taken away."""
    left_by_tools = {project / "target", project / "logs"}
    for path in project.iterdir():
        if path not in left_by_tools:
            yield path
            yield from path.rglob("*")


def read_manifest(project: DbtProject) -> Mapping[str, Any]:
    """Read what dbt knows of the project."""
    manifest: dict[str, Any] = json.loads(project.manifest_path.read_text())
    return manifest


def segment_names(manifest: Mapping[str, Any]) -> list[str]:
    """List the segments, by name: the models of the stage `segments`."""
    return sorted(
        node["alias"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "segments"
    )


@dataclass(frozen=True)
class Plot:
    """The numbers of a small table that are plotted from run to run.

    Attributes:
        columns: The columns that hold them; a null is left out.
        by: The columns that tell rows apart.
    """

    columns: Sequence[str]
    by: Sequence[str]


def plots(manifest: Mapping[str, Any]) -> Mapping[tuple[str, str], Plot]:
    """List what the models declare as `plotted` in their `meta`, by schema and table.

    Args:
        manifest: What dbt knows of the project.
    """
    return {
        (node["schema"], node["alias"]): Plot(**node["config"]["meta"]["plotted"])
        for node in manifest["nodes"].values()
        if "plotted" in node["config"].get("meta", {})
    }


def declared_columns(manifest: Mapping[str, Any], node: _Properties) -> Mapping[str, _Properties]:
    """Read the columns that a model declares, by name.

    A model whose `meta` says `has_columns_of_its_schema` has those of the models of its schema that
    it reads between its first and its last column.

    Args:
        manifest: What dbt knows of the project.
        node: The model in it.
    """
    columns: dict[str, _Properties] = node["columns"]
    if not _has_columns_of_its_schema(node):
        return columns
    *first, last = columns
    joined = {name: columns[name] for name in first}
    for unique_id in node["depends_on"]["nodes"]:
        parent = manifest["nodes"][unique_id]
        if parent["schema"] == node["schema"]:
            joined |= {
                name: column for name, column in parent["columns"].items() if name not in columns
            }
    return {**joined, last: columns[last]}


def _has_columns_of_its_schema(node: _Properties) -> bool:
    return bool(node.get("config", {}).get("meta", {}).get("has_columns_of_its_schema", False))


def columns_without_personal_data(manifest: Mapping[str, Any], model: str) -> list[str]:
    """List the columns of a model that are not tagged `pii`, in their order.

    Args:
        manifest: What dbt knows of the project.
        model: The model's name.

    Raises:
        LookupError: The project has no such model.
    """
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"] == model:
            return [name for name, column in node["columns"].items() if not _is_personal(column)]
    raise LookupError(f"The dbt project has no model {model!r}.")


def _is_personal(column: _Properties) -> bool:
    tags = {*column.get("tags", []), *column.get("config", {}).get("tags", [])}
    return "pii" in tags
