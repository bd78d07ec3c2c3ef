"""The value prediction: the job that estimates its parameters, and the check that judges them.

Belongs here: when that happens, on which days, and what the UI says of it. Does not belong here:
estimating and judging (`dagster_project.valuation`), and the features themselves (the dbt models).
"""

import dagster as dg
from pydantic import Field

from dagster_project.home import Home
from dagster_project.resources import Warehouse
from dagster_project.settings import read_settings
from dagster_project.transformation import VALUE_PARAMETERS
from dagster_project.valuation.calibration import HOLDOUT_DAYS, Calibration, calibrate, judge
from dagster_project.valuation.histories import newest_day, read_training_histories
from dagster_project.valuation.parameters import ValueParameters, read_parameters, write_parameters
from dagster_project.valuation.training import fit

_VALUE_FEATURES = dg.AssetKey(["features", "value_features"])


@dg.asset_check(
    asset=_VALUE_FEATURES,
    additional_deps=[["conformed", "daily_activity"], ["identity", "identity_map"]],
    pool="warehouse",
    description=(
        f"What the parameters of the value prediction say of the {HOLDOUT_DAYS} days that end with "
        "the newest one, from the orders before these, against what came: beside zero, the average "
        "rate, and each customer's own past rate. It warns when one of these has the smaller "
        "squared error, or the smaller bias where the model's is over a tenth: run the job "
        "train_customer_value and review its result, or switch `value_prediction` off."
    ),
)
def value_predictions_are_calibrated(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Show how good the predictions are."""
    parameters = read_parameters(VALUE_PARAMETERS)
    if not (read_settings(Home.from_environment()).value_prediction and parameters):
        return dg.AssetCheckResult(passed=True, metadata={"value prediction": "off"})
    with warehouse.connect() as connection:
        day = newest_day(connection)
        calibration = judge(connection, parameters, day) if day else None
    if not calibration:
        return dg.AssetCheckResult(passed=True, metadata={"value prediction": "too little history"})
    return dg.AssetCheckResult(
        passed=not calibration.better_ones,
        # A warning: a year unlike the last one is nobody's fault, and historic value stands.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **_numbers(calibration),
            "trained until": parameters.trained_until.isoformat(),
            "better than the model": ", ".join(calibration.better_ones) or "none",
        },
    )


class Split(dg.Config):
    """How history is divided.

    Attributes:
        holdout_days: The last days, which the parameters are not estimated from, but judged by.
    """

    holdout_days: int = Field(default=HOLDOUT_DAYS, ge=7)


@dg.op(pool="warehouse", description="Estimates the parameters of the value prediction.")
def fit_to_orders(context: dg.OpExecutionContext, config: Split, warehouse: Warehouse) -> None:
    """Leave estimated parameters and how good they are, for people to review."""
    home = Home.from_environment()
    with warehouse.connect() as connection:
        trained_from, histories = read_training_histories(connection, config.holdout_days)
    # Not while the warehouse is open: it takes a while.
    parameters = fit(histories, trained_from)
    calibration = calibrate(histories, parameters)
    report = _report(parameters, calibration)
    file = home.trained_value_parameters
    write_parameters(file, parameters)
    file.with_suffix(".md").write_text(f"# Parameters of the value prediction\n\n{report}\n")
    verdict = (
        f"But {' and '.join(calibration.better_ones)} did better: do not use them."
        if calibration.better_ones
        else f"If they look right, put the file in place of {VALUE_PARAMETERS}."
    )
    context.log.info(f"Estimated parameters are in {file}. {verdict}\n{report}")
    context.add_output_metadata({"file": dg.MetadataValue.path(file), **_numbers(calibration)})


def _numbers(calibration: Calibration) -> dict[str, dg.MetadataValue | float | int]:
    model = calibration.model
    return {
        "customers": calibration.customers,
        "days": calibration.days,
        "order days predicted": round(model.total, 1),
        "order days": calibration.actual,
        "bias of the total": round(model.bias, 1),
        "root mean squared error": round(model.root_mean_squared_error, 4),
        "sales predicted": round(calibration.predicted_sales, 2),
        "sales": round(calibration.sales, 2),
        "forecasts": dg.MetadataValue.md(calibration.as_markdown()),
    }


def _report(parameters: ValueParameters, calibration: Calibration) -> str:
    average = parameters.p * parameters.v / (parameters.q - 1)
    return (
        f"Estimated by {parameters.library} from the orders of {parameters.trained_from} to "
        f"{parameters.trained_until}: {parameters.customer_count:,} customers, "
        f"{parameters.repeat_customer_count:,} of them with orders on more than one day.\n\n"
        f"- {parameters.r / parameters.alpha:.3f} days with an order a week, on average\n"
        f"- {parameters.a / (parameters.a + parameters.b):.2%} stop for good after an order\n"
        f"- {average:.2f} sales on such a day, on average\n"
        f"\nFor the {calibration.days} days after that, in which there were "
        f"{calibration.actual:,.0f} days with an order:\n\n{calibration.as_markdown()}\n\n"
        f"Sales predicted for these days: {calibration.predicted_sales:,.2f}; real ones: "
        f"{calibration.sales:,.2f}."
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description=(
        "Estimates the parameters of the value prediction from the orders of known customers, but "
        "for the last days, compares its predictions with these, and leaves both in `training/` "
        "of the deployment, for people to review: nothing else changes. It needs the extra `value`."
    ),
)
def train_customer_value() -> None:
    """Train, and nothing else."""
    fit_to_orders()
