"""How predictions are compared with what came."""

from datetime import date

import numpy as np
import pytest

from dagster_project.valuation.calibration import Calibration, Forecast, calibrate, predict_orders
from dagster_project.valuation.histories import Histories
from tests.unit.valuation.test_parameters import PARAMETERS


def histories(repeats: list[float], age: list[float], orders_after: list[float]) -> Histories:
    """Of customers who ordered last on the day, and are looked at for ten weeks."""
    return Histories(
        until=date(2026, 3, 1),
        judged_until=date(2026, 5, 10),
        repeats=np.array(repeats),
        recency=np.array(age),
        age=np.array(age),
        repeat_value=np.zeros(len(repeats)),
        orders_after=np.array(orders_after),
        sales_after=10 * np.array(orders_after),
    )


def test_forecasts_without_a_model_are_those_of_hand():
    """Rates of 0.5 and 0 a week, together 5 in 20 weeks; then 6 and 0 orders in ten weeks."""
    made = calibrate(histories([5, 0], [10, 10], [6, 0]), PARAMETERS)
    assert (made.customers, made.days, made.actual) == (2, 70, 6)
    told = {
        other.name: (other.total, other.bias, other.root_mean_squared_error)
        for other in made.others
    }
    assert told == {
        "zero": (0, -6, pytest.approx(np.sqrt(36 / 2))),
        "the average rate": (5, -1, pytest.approx(np.sqrt((3.5**2 + 2.5**2) / 2))),
        "each customer's own past rate": (5, -1, pytest.approx(np.sqrt(1 / 2))),
    }


def test_the_models_forecast_is_what_it_predicts_of_each():
    of_two = histories([5, 0], [10, 10], [6, 0])
    made = calibrate(of_two, PARAMETERS)
    assert made.model.total == pytest.approx(predict_orders(of_two, PARAMETERS, 10).sum())


def test_sales_are_orders_at_what_an_order_of_each_is_worth():
    """Who never repeated an order is expected to spend 6.25 * 15.44 / 2.74 = 35.22 on one."""
    made = calibrate(histories([0], [10], [3]), PARAMETERS)
    assert made.sales == 30
    assert made.predicted_sales == pytest.approx(made.model.total * 35.219, rel=1e-4)


def test_customers_of_today_have_no_past_rate():
    made = calibrate(histories([0], [0], [1]), PARAMETERS)
    assert [other.total for other in made.others] == [0, 0, 0]


def forecast(name: str, bias: float, error: float) -> Forecast:
    return Forecast(name, total=1000 + bias, bias=bias, root_mean_squared_error=error)


@pytest.mark.parametrize(
    ("model", "other", "is_better"),
    [
        ((50, 2.0), (-1000, 9.0), False),
        ((50, 2.0), (0, 1.9), True),
        # By chance the average may hit the total.
        ((50, 2.0), (1, 2.1), False),
        ((-101, 2.0), (100, 2.1), True),
        ((101, 2.0), (-102, 2.1), False),
    ],
)
def test_better_is_who_errs_less_or_whose_bias_is_less_where_the_models_is_large(
    model: tuple[float, float], other: tuple[float, float], is_better: bool
):
    made = Calibration(
        customers=10,
        days=90,
        actual=1000,
        model=forecast("the model", *model),
        others=(forecast("another", *other),),
        sales=1000,
        predicted_sales=1000,
    )
    assert made.better_ones == (["another"] if is_better else [])
    assert "| another |" in made.as_markdown()


def test_where_nobody_ordered_a_bias_is_no_share():
    made = calibrate(histories([0], [10], [0]), PARAMETERS)
    assert "| zero | 0 | +0 |  | 0.0000 |" in made.as_markdown()
    assert made.better_ones == ["zero", "the average rate", "each customer's own past rate"]
