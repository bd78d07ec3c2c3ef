"""An attribute that a deployment adds: a column of a staging model, and the rule of who wins."""

from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import Deployment
from tests.integration.project_copy import ProjectCopy

pytestmark = pytest.mark.xdist_group("deployment")


def test_a_column_of_a_staging_model_is_an_attribute_of_records_by_its_rule_alone(
    deployment: Deployment, tmp_path: Path
) -> None:
    project = ProjectCopy.lay_out(tmp_path, "create schema raw")
    copy_raw_tables(deployment, project)
    project.execute(
        """
        alter table raw.crm__customers add column shoe_size integer default 43;
        alter table raw.loyalty__members add column shoe_size integer default 44;
        alter table raw.loyalty__members add column hat_size integer default 60;
        alter table raw.loyalty__members add column occupation varchar default 'baker';
        """
    )
    hand_through(project, "crm/stg_crm__customers", "shoe_size")
    hand_through(project, "loyalty/stg_loyalty__members", "shoe_size", "hat_size", "occupation")
    rules = project.project / "seeds" / "profile_attribute_rules.csv"
    rules.write_text(rules.read_text() + "shoe_size,,most_recent\n")

    succeeded, output = project.dbt(
        "build", "--select", "+customer_records", "--exclude-resource-types", "test", "unit_test"
    )

    assert succeeded, output
    assert project.rows(
        """
        select distinct source, shoe_size from conformed.customer_records
        where shoe_size is not null
        order by source
        """
    ) == [("crm__customers", "43"), ("loyalty__members", "44")]
    assert project.rows(
        """
        select distinct occupation from conformed.customer_records
        where source = 'loyalty__members' and occupation is not null
        """
    ) == [("baker",)]
    columns = project.rows("select column_name from (describe conformed.customer_records)")
    assert ("hat_size",) not in columns, "no rule names it"


def copy_raw_tables(deployment: Deployment, project: ProjectCopy) -> None:
    """Land what the deployment has landed."""
    with duckdb.connect(str(project.home.warehouse)) as connection:
        connection.execute(f"attach '{deployment.home.warehouse}' as held (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'held' and schema_name = 'raw'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"create table raw.{table} as from held.raw.{table}")


def hand_through(project: ProjectCopy, model: str, *columns: str) -> None:
    """Add columns to a staging model."""
    file = project.project / "models" / "staging" / f"{model}.sql"
    last = "\nfrom newest_rows\n"
    text = file.read_text()
    assert text.endswith(last)
    file.write_text(text.removesuffix(last) + "".join(f",\n    {name}" for name in columns) + last)
