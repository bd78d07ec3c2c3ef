"""How good the predictions are: against the orders of days that they did not know.

Belongs here: comparing a prediction with what came, and with what anybody could have said without
a model. Does not belong here: which days are compared, and what follows (`defs`).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from ibis.backends.duckdb import Backend

from dagster_project.markdown import markdown_table
from dagster_project.valuation.closed_forms import (
    Numbers,
    alive_probability,
    expected_order_value,
    expected_orders,
)
from dagster_project.valuation.histories import Histories, read_histories, read_order_days
from dagster_project.valuation.parameters import ValueParameters

HOLDOUT_DAYS = 90
"""How many days predictions are compared for."""

LEAST_HISTORY_DAYS = 90
"""Orders of fewer days before them say too little of anybody."""

TOLERATED_BIAS = 0.1
"""A total that is nearer to the truth than this share may by chance be farther than another's."""


@dataclass(frozen=True)
class Forecast:
    """What somebody said of the order days to come, and how well.

    Attributes:
        name: Who said it.
        total: The order days of all customers.
        bias: That total less the real one.
        root_mean_squared_error: By how many order days the forecast of a customer is off.
    """

    name: str
    total: float
    bias: float
    root_mean_squared_error: float


@dataclass(frozen=True)
class Calibration:
    """The model's forecast beside those that need no model.

    Attributes:
        customers: How many customers it was for.
        days: For how many days.
        actual: How many order days there really were.
        model: What BG/NBD said.
        others: What was said without it.
        sales: What was really bought.
        predicted_sales: What BG/NBD and Gamma-Gamma said would be.
    """

    customers: int
    days: int
    actual: float
    model: Forecast
    others: tuple[Forecast, ...]
    sales: float
    predicted_sales: float

    @property
    def better_ones(self) -> list[str]:
        """Who did better than the model: in squared error, or in a total that is off by much."""
        tolerated = TOLERATED_BIAS * self.actual
        return [
            other.name
            for other in self.others
            if other.root_mean_squared_error < self.model.root_mean_squared_error
            or abs(other.bias) < abs(self.model.bias) > tolerated
        ]

    def as_markdown(self) -> str:
        """Write it as a table."""
        return markdown_table(
            ("forecast", "order days", "bias of the total", "bias, %", "root mean squared error"),
            (
                (
                    forecast.name,
                    f"{forecast.total:,.0f}",
                    f"{forecast.bias:+,.0f}",
                    f"{100 * forecast.bias / self.actual:+.1f}" if self.actual else "",
                    f"{forecast.root_mean_squared_error:.4f}",
                )
                for forecast in (self.model, *self.others)
            ),
            numbers=4,
        )


def judge(connection: Backend, parameters: ValueParameters, day: date) -> Calibration | None:
    """Compare what the parameters say of the last days with what came.

    Args:
        connection: The warehouse.
        parameters: Of the model.
        day: The last day.

    Returns:
        The comparison; null where there are too few days of orders before those.
    """
    until = day - timedelta(days=HOLDOUT_DAYS)
    first, _ = read_order_days(connection) or (day, day)
    if first > until - timedelta(days=LEAST_HISTORY_DAYS):
        return None
    return calibrate(read_histories(connection, until, day), parameters)


def calibrate(histories: Histories, parameters: ValueParameters) -> Calibration:
    """Compare what was predicted for the days after the histories with what came.

    The forecasts without a model: nobody orders any more; everybody orders at the average rate of
    all; each customer goes on at the rate of their own past.

    Args:
        histories: Of at least one customer.
        parameters: Of the model.
    """
    weeks = histories.weeks_after
    rates = np.divide(
        histories.repeats,
        histories.age,
        out=np.zeros(histories.customers),
        where=histories.age > 0,
    )
    average = histories.repeats.sum() / histories.age.sum() if histories.age.any() else 0.0

    def forecast(name: str, orders: Numbers) -> Forecast:
        errors = orders - histories.orders_after
        return Forecast(
            name,
            total=float(orders.sum()),
            bias=float(errors.sum()),
            root_mean_squared_error=float(np.sqrt(np.mean(errors**2))),
        )

    predicted = predict_orders(histories, parameters, weeks)
    values = expected_order_value(
        repeats=histories.repeats,
        repeat_value=histories.repeat_value,
        p=parameters.p,
        q=parameters.q,
        v=parameters.v,
    )
    return Calibration(
        customers=histories.customers,
        days=(histories.judged_until - histories.until).days,
        actual=float(histories.orders_after.sum()),
        model=forecast("the model", predicted),
        others=(
            forecast("zero", np.zeros(histories.customers)),
            forecast("the average rate", np.full(histories.customers, average * weeks)),
            forecast("each customer's own past rate", rates * weeks),
        ),
        sales=float(histories.sales_after.sum()),
        predicted_sales=float((predicted * values).sum()),
    )


def predict_orders(histories: Histories, parameters: ValueParameters, weeks: float) -> Numbers:
    """Predict the order days of each customer.

    Args:
        histories: Of the customers.
        parameters: Of the model.
        weeks: For how long after the histories.
    """
    rates = {name: getattr(parameters, name) for name in ("r", "alpha", "a", "b")}
    return alive_probability(
        repeats=histories.repeats, recency=histories.recency, age=histories.age, **rates
    ) * expected_orders(
        repeats=histories.repeats,
        age=histories.age,
        weeks_ahead=np.full(histories.customers, weeks),
        **rates,
    )
