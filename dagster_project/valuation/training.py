"""Estimating the parameters, by pymc-marketing: the extra `value`, which only this needs.

Its maximum a posteriori fit takes seconds, with the priors that it comes with but one. Where hardly
anybody ever stops, as among a grocer's customers, the data say what share stops but nothing of how
much people differ in it: plain likelihood, and the library's own heavy-tailed prior, then let `a`
and `b` run off together until the arithmetic breaks (seen on the demo retailer: b of 5e14, and the
order rates wrong with it). So a + b gets a prior that ends somewhere.

Belongs here: fitting. Does not belong here: using the parameters (`closed_forms`), and judging them
(`calibration`). The library takes seconds to import, so that is done where it is called.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from dagster_project.valuation.histories import Histories
from dagster_project.valuation.parameters import ValueParameters

LEAST_REPEAT_CUSTOMERS = 50
"""Seven parameters cannot be estimated from fewer customers who came back."""

_LIBRARY = "pymc-marketing"

_DROPOUT_SPREAD = 10.0
"""Scale of the prior of a + b: like having seen some ten orders of everybody. CDNOW's is 3."""


class ValueTrainingError(ValueError):
    """The parameters cannot be estimated; the text says why, and what to do."""


def fit(histories: Histories, trained_from: date) -> ValueParameters:
    """Estimate the parameters from histories.

    Args:
        histories: Of the customers, up to the day from which on the result is to be judged.
        trained_from: The first day of these histories.

    Raises:
        ValueTrainingError: Too few customers came back, or the library is not installed.
        ValueParametersError: The result describes no customers.
    """
    if histories.repeat_customers < LEAST_REPEAT_CUSTOMERS:
        raise ValueTrainingError(
            f"By {histories.until} only {histories.repeat_customers} customers had orders on more "
            f"than one day; {LEAST_REPEAT_CUSTOMERS} are the least to estimate parameters from. "
            "Wait for more history, or leave the value prediction off: historic value is there."
        )
    try:
        with _quiet():
            from pymc_extras.prior import Prior  # noqa: PLC0415
            from pymc_marketing.clv import BetaGeoModel, GammaGammaModel  # noqa: PLC0415
    except ImportError as error:
        raise ValueTrainingError(
            f"{error}. The library that estimates the parameters is not installed: "
            "pip install -c constraints.txt -e '.[value]'. Nothing but training needs it."
        ) from None
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(histories.customers),
            "frequency": histories.repeats,
            "recency": histories.recency,
            "T": histories.age,
        }
    )
    spent = histories.repeat_value > 0
    values = pd.DataFrame(
        {
            "customer_id": np.arange(np.count_nonzero(spent)),
            "frequency": histories.repeats[spent],
            "monetary_value": histories.repeat_value[spent] / histories.repeats[spent],
        }
    )
    prior = {"kappa_dropout": Prior("HalfNormal", sigma=_DROPOUT_SPREAD)}
    return ValueParameters(
        **_most_probable(BetaGeoModel(model_config=prior), customers, "r", "alpha", "a", "b"),
        **_most_probable(GammaGammaModel(), values, "p", "q", "v"),
        trained_from=trained_from,
        trained_until=histories.until,
        judged_until=histories.judged_until,
        customer_count=histories.customers,
        repeat_customer_count=histories.repeat_customers,
        library=f"{_LIBRARY} {version(_LIBRARY)}",
    )


def _most_probable(model: Any, data: pd.DataFrame, *names: str) -> dict[str, float]:
    with _quiet():
        model.fit(data, method="map", progressbar=False)
    # Seven digits are more than any customers determine, and can be read.
    return {name: float(f"{model.fit_result[name].item():.7g}") for name in names}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the library and its own say of themselves out of the log."""
    chatty = logging.getLogger("pymc")
    level = chatty.level
    chatty.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        chatty.setLevel(level)
