"""The value prediction: fitted by the library, judged by what came, shown by Dagster."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.defs.features import customer_value
from dagster_project.home import Home
from dagster_project.resources import Warehouse
from dagster_project.settings import Settings, write_settings
from dagster_project.valuation.calibration import calibrate, predict_orders
from dagster_project.valuation.closed_forms import alive_probability, expected_order_value
from dagster_project.valuation.histories import Histories, read_histories, read_training_histories
from dagster_project.valuation.parameters import ValueParameters, read_parameters, write_parameters
from dagster_project.valuation.training import ValueTrainingError, fit
from tests.integration.features.conftest import RATES, lay_out, real_purchases

pytestmark = pytest.mark.xdist_group("value")

REVIEWED = "reviewed.csv"
"""The seed of a test, in its own folder."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    """Nine months of the real purchases of 2,469 households, and the 13 weeks after them."""
    path = tmp_path_factory.mktemp("real") / "warehouse.duckdb"
    warehouse = lay_out(path, duckdb.sql(real_purchases()), until=date(2017, 12, 31))
    with warehouse.connect(read_only=True) as connection:
        return read_histories(connection, date(2017, 10, 1), date(2017, 12, 31))


@pytest.fixture(scope="module")
def fitted(known: Histories) -> ValueParameters:
    """What the library makes of the nine months."""
    return fit(known, date(2017, 1, 1))


def test_real_purchases_are_predicted_better_than_without_a_model(
    known: Histories, fitted: ValueParameters
):
    """In squared error and in the bias of the total, than by each of the three."""
    made = calibrate(known, fitted)
    print(made.as_markdown())  # noqa: T201
    assert [other.name for other in made.others] == [
        "zero",
        "the average rate",
        "each customer's own past rate",
    ]
    for other in made.others:
        assert made.model.root_mean_squared_error < other.root_mean_squared_error
        assert abs(made.model.bias) < abs(other.bias)
    assert made.better_ones == []
    assert made.predicted_sales == pytest.approx(made.sales, rel=0.1)


def test_predictions_are_those_of_the_library(known: Histories, fitted: ValueParameters):
    from pymc_marketing.clv import BetaGeoModel, GammaGammaModel  # noqa: PLC0415

    customers = pd.DataFrame(
        {
            "customer_id": np.arange(known.customers),
            "frequency": known.repeats,
            "recency": known.recency,
            "T": known.age,
            "monetary_value": np.where(
                known.repeats > 0, known.repeat_value / np.maximum(known.repeats, 1), 0.0
            ),
        }
    )
    orders = _with(
        BetaGeoModel(), customers, r=fitted.r, alpha=fitted.alpha, a=fitted.a, b=fitted.b
    )
    spent = customers[customers.monetary_value > 0]
    values = _with(GammaGammaModel(), spent, p=fitted.p, q=fitted.q, v=fitted.v)

    alive = alive_probability(
        repeats=known.repeats,
        recency=known.recency,
        age=known.age,
        r=fitted.r,
        alpha=fitted.alpha,
        a=fitted.a,
        b=fitted.b,
    )
    assert alive == pytest.approx(_of(orders.expected_probability_alive(customers)), rel=1e-6)
    for weeks in (90 / 7, 52.0):
        predicted = predict_orders(known, fitted, weeks)
        theirs = _of(orders.expected_purchases(customers, future_t=weeks))
        assert predicted == pytest.approx(theirs, rel=1e-6)
    worth = expected_order_value(
        repeats=known.repeats, repeat_value=known.repeat_value, p=fitted.p, q=fitted.q, v=fitted.v
    )
    assert worth == pytest.approx(_of(values.expected_customer_spend(customers)), rel=1e-6)


def _with(model, data: pd.DataFrame, **parameters: float):
    """Give a model of the library parameters as if it had estimated them."""
    import arviz  # noqa: PLC0415

    model.build_model(data)
    model.idata = arviz.from_dict(
        posterior={name: np.full((1, 1), value) for name, value in parameters.items()}
    )
    return model


def _of(predictions) -> np.ndarray:
    return predictions.to_numpy().ravel()


def test_made_up_customers_are_seen_through(warehouse: Warehouse):
    """The mean order rate and the share that stops are found again, within their uncertainty."""
    with warehouse.connect(read_only=True) as connection:
        trained_from, histories = read_training_histories(connection, holdout_days=90)
    found = fit(histories, trained_from)
    assert found.r / found.alpha == pytest.approx(RATES["r"] / RATES["alpha"], rel=0.2)
    stops = RATES["a"] / (RATES["a"] + RATES["b"])
    assert found.a / (found.a + found.b) == pytest.approx(stops, rel=0.2)


def test_the_job_leaves_parameters_and_how_good_they_are_for_review(
    warehouse: Warehouse, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
):
    home = Home(Path(warehouse.path).parent)
    monkeypatch.setenv("SEGMENTATION_HOME", str(home.root))
    result = customer_value.train_customer_value.execute_in_process(
        resources={"warehouse": warehouse}, instance=instance
    )
    assert result.success
    parameters = read_parameters(home.trained_value_parameters)
    assert parameters
    assert (parameters.trained_from, parameters.customer_count > 1000) == (date(2025, 7, 1), True)
    report = home.trained_value_parameters.with_suffix(".md").read_text()
    for forecast in ("the model", "zero", "the average rate", "each customer's own past rate"):
        assert f"| {forecast} |" in report


def test_too_few_customers_who_came_back_are_refused(known: Histories):
    few = replace(
        known,
        **{
            name: getattr(known, name)[:40]
            for name in ("repeats", "recency", "age", "repeat_value", "orders_after", "sales_after")
        },
    )
    with pytest.raises(ValueTrainingError, match="50 are the least to estimate parameters from"):
        fit(few, date(2017, 1, 1))


def test_where_the_extra_is_not_installed_training_says_what_to_install(
    known: Histories, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pymc_marketing.clv", None)
    with pytest.raises(
        ValueTrainingError, match=r"pip install -c constraints.txt -e '\.\[value\]'"
    ):
        fit(known, date(2017, 1, 1))


@pytest.mark.usefixtures("home")
class TestCheck:
    """The check that shows how good the reviewed parameters are."""

    @pytest.fixture
    def home(self, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
        """A deployment that predicts, by parameters that a test may write."""
        home = Home(Path(warehouse.path).parent)
        monkeypatch.setenv("SEGMENTATION_HOME", str(home.root))
        monkeypatch.setattr(customer_value, "VALUE_PARAMETERS", tmp_path / REVIEWED)
        write_settings(home, Settings(value_prediction=True))
        return home

    @pytest.fixture
    def parameters(self) -> ValueParameters:
        """Those by which the customers were made."""
        return ValueParameters(
            **RATES,
            p=6.0,
            q=4.0,
            v=20.0,
            trained_from=date(2025, 7, 1),
            trained_until=date(2026, 3, 31),
            judged_until=date(2026, 6, 29),
            customer_count=1500,
            repeat_customer_count=700,
            library="none",
        )

    def test_true_parameters_pass_and_all_forecasts_are_shown(
        self, tmp_path: Path, warehouse: Warehouse, parameters: ValueParameters
    ):
        write_parameters(tmp_path / REVIEWED, parameters)
        result = customer_value.value_predictions_are_calibrated(warehouse)
        assert result.passed
        shown = result.metadata["forecasts"].value
        assert "each customer's own past rate" in shown
        assert result.metadata["days"].value == 90

    def test_parameters_of_other_customers_are_a_warning(
        self, tmp_path: Path, warehouse: Warehouse, parameters: ValueParameters
    ):
        others = replace(parameters, r=30.0, alpha=2.0)
        write_parameters(tmp_path / REVIEWED, others)
        result = customer_value.value_predictions_are_calibrated(warehouse)
        assert not result.passed
        assert result.severity == dg.AssetCheckSeverity.WARN
        assert "past rate" in result.metadata["better than the model"].value

    def test_a_deployment_that_does_not_predict_is_not_judged(
        self, home: Home, tmp_path: Path, warehouse: Warehouse, parameters: ValueParameters
    ):
        write_parameters(tmp_path / REVIEWED, parameters)
        write_settings(home, Settings())
        result = customer_value.value_predictions_are_calibrated(warehouse)
        assert result.passed
        assert result.metadata["value prediction"].value == "off"

    def test_half_a_years_history_is_the_least_to_judge_by(
        self, tmp_path: Path, warehouse: Warehouse, parameters: ValueParameters
    ):
        write_parameters(tmp_path / REVIEWED, parameters)
        with warehouse.connect() as connection:
            connection.con.execute(
                "delete from conformed.daily_activity where activity_on < '2026-01-02'"
            )
        result = customer_value.value_predictions_are_calibrated(warehouse)
        assert result.passed
        assert result.metadata["value prediction"].value == "too little history"
