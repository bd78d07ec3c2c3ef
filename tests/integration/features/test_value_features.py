"""The features of value that a run makes, against the closed forms in Python."""

import numpy as np
import pytest

from dagster_project.engine import open_warehouse
from dagster_project.home import Home
from dagster_project.transformation import VALUE_PARAMETERS
from dagster_project.valuation.closed_forms import (
    alive_probability,
    expected_order_value,
    expected_orders,
)
from dagster_project.valuation.parameters import read_parameters
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")

_BUYERS = """
    select
        purchases.order_day_count - 1 as repeats,
        date_diff('day', purchases.first_order_on, purchases.last_order_on) / 7 as recency,
        date_diff('day', purchases.first_order_on, purchases.as_of) / 7 as age,
        (purchases.sales_amount - purchases.first_order_day_sales_amount)::double as repeat_value,
        values_of_day.alive_probability,
        values_of_day.churn_risk,
        values_of_day.predicted_order_count_90d,
        values_of_day.predicted_order_count,
        values_of_day.predicted_average_order_value,
        values_of_day.predicted_lifetime_value_amount::double as predicted_lifetime_value_amount
    from features.value_features as values_of_day
    inner join features.purchase_features as purchases using (profile_id, as_of)
    where purchases.first_order_on is not null
"""


def test_features_of_value_are_what_the_closed_forms_say(deployment: Deployment):
    compare_with_closed_forms(deployment.home)


def compare_with_closed_forms(home: Home) -> None:
    """Compute what SQL has computed once more, in Python."""
    parameters = read_parameters(VALUE_PARAMETERS)
    assert parameters
    with open_warehouse(home.warehouse, read_only=True) as connection:
        rows = connection.con.execute(_BUYERS).df()
    assert len(rows) > 0
    known = {name: rows[name].to_numpy(float) for name in ("repeats", "age")}
    rates = {name: getattr(parameters, name) for name in ("r", "alpha", "a", "b")}
    alive = alive_probability(**known, recency=rows["recency"].to_numpy(float), **rates)
    worth = expected_order_value(
        repeats=known["repeats"],
        repeat_value=rows["repeat_value"].to_numpy(float),
        p=parameters.p,
        q=parameters.q,
        v=parameters.v,
    )
    year, quarter = 365 / 7, 90 / 7
    orders = {
        "predicted_order_count_90d": alive * expected_orders(**known, weeks_ahead=quarter, **rates),
        "predicted_order_count": alive * expected_orders(**known, weeks_ahead=year, **rates),
    }
    discounted = alive * expected_orders(
        **known, weeks_ahead=year, yearly_discount_rate=0.1, **rates
    )
    # No order in 90 days: stopped, or alive and silent by a gamma distributed rate.
    shape, scale = rates["r"] + known["repeats"], rates["alpha"] + known["age"]
    silent = np.exp(shape * np.log(scale / (scale + quarter)))

    assert rows["alive_probability"].to_numpy() == pytest.approx(alive, abs=1e-6)
    assert rows["churn_risk"].to_numpy() == pytest.approx(1 - alive * (1 - silent), abs=1e-6)
    for name, expected in orders.items():
        assert rows[name].to_numpy() == pytest.approx(expected, abs=1e-6)
    assert rows["predicted_average_order_value"].to_numpy() == pytest.approx(worth, abs=0.006)
    assert rows["predicted_lifetime_value_amount"].to_numpy() == pytest.approx(
        discounted * worth, abs=0.006
    )
