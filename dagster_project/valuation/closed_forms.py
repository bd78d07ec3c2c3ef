"""What BG/NBD and Gamma-Gamma say of a customer, given the parameters.

BG/NBD (Fader, Hardie & Lee, "Counting your customers" the easy way, Marketing Science 24, 2005):
while alive, a customer orders at random at a rate of their own, which is gamma distributed over the
customers (shape `r`, scale `alpha`); after each repeat order they stop for good with a probability
of their own, which is beta distributed (`a`, `b`). Gamma-Gamma (Fader & Hardie, The Gamma-Gamma
model of monetary value, 2013): what an order is worth varies about a mean of the customer's own,
which varies over the customers (`p`, `q`, `v`), whatever the rate.

Time is in weeks, and orders are days with an order: several orders on one day are one event.

Belongs here: arithmetic on arrays. Does not belong here: where a customer's history comes from. Of
these functions dbt's SQL calls `expected_orders`; the others it spells out itself.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

Numbers = NDArray[np.float64]

WEEKS_PER_YEAR = 365 / 7

_POINTS = 64
"""Of the mean over customers: six digits at least for five years ahead, most often twelve."""

_MOMENTS = 8
"""Of the mean over the time ahead, which only discounting needs."""

_NEARLY_ZERO = 1e-18


def alive_probability(
    *, repeats: Numbers, recency: Numbers, age: Numbers, r: float, alpha: float, a: float, b: float
) -> Numbers:
    """How likely a customer has not stopped ordering for good.

    Who never repeated an order had no occasion to stop, and is alive for certain.

    Args:
        repeats: Days with an order after the first one.
        recency: Weeks from the first order to the last.
        age: Weeks from the first order to the day.
        r: Parameter of BG/NBD.
        alpha: Parameter of BG/NBD, in weeks.
        a: Parameter of BG/NBD.
        b: Parameter of BG/NBD.
    """
    log_odds = np.log(a / (b + np.maximum(repeats, 1) - 1)) + (r + repeats) * np.log(
        (alpha + age) / (alpha + recency)
    )
    # Beyond e to the 700 nothing is left to add, but for an overflow.
    stopped = 1 / (1 + np.exp(np.minimum(log_odds, 700)))
    return np.where(repeats > 0, stopped, 1.0)


def expected_orders(
    *,
    repeats: Numbers,
    age: Numbers,
    weeks_ahead: Numbers,
    r: Numbers | float,
    alpha: Numbers | float,
    a: Numbers | float,
    b: Numbers | float,
    yearly_discount_rate: Numbers | float = 0.0,
) -> Numbers:
    """How many order days a customer who is alive has ahead.

    Fader, Hardie & Lee write it with the hypergeometric function 2F1 (their equation 10, whose
    denominator is one over the probability of being alive). Computed as written, it overflows for
    customers of long standing, and there is none for `a` of 1. It is the mean over the probability
    p of stopping, which is beta distributed with a and b + repeats, of

        (1 - (1 + p weeks / (alpha + age)) ** -(r + repeats)) / p

    and that is computed here, by Gauss-Jacobi quadrature: all its terms are positive.

    Args:
        repeats: Days with an order after the first one.
        age: Weeks from the first order to the day.
        weeks_ahead: For how many weeks to count.
        r: Parameter of BG/NBD.
        alpha: Parameter of BG/NBD, in weeks.
        a: Parameter of BG/NBD.
        b: Parameter of BG/NBD.
        yearly_discount_rate: By how much less an order counts that is a year away: divided by one
            more than this. 0: all count alike.

    Returns:
        The number for each customer; not a number where an argument is none, or is negative.
    """
    arguments = np.broadcast_arrays(repeats, age, weeks_ahead, yearly_discount_rate, r, alpha, a, b)
    stacked = np.stack([argument.astype(np.float64) for argument in arguments])
    possible = np.isfinite(stacked).all(axis=0) & (stacked >= 0).all(axis=0)
    orders = np.full(stacked.shape[1], np.nan)
    repeats, age, weeks_ahead, rate, r, alpha, a, b = stacked[:, possible]
    # One set of points does for all customers with as many orders.
    kinds, of_kind = np.unique(np.stack([a, b + repeats]), axis=1, return_inverse=True)
    points = [_beta_points(float(a), float(b)) for a, b in kinds.T]
    p, weights = np.array(points).reshape(-1, 2, _POINTS).transpose(1, 0, 2)[:, of_kind]
    shape, scale = (r + repeats)[:, None], (alpha + age)[:, None]
    force = np.log1p(rate) / WEEKS_PER_YEAR

    def until(weeks: Numbers) -> Numbers:
        terms = -np.expm1(-shape * np.log1p(p * weeks[:, None] / scale)) / p
        return np.asarray(np.sum(terms * weights, axis=1), dtype=np.float64)

    orders[possible] = until(weeks_ahead) * np.exp(-force * weeks_ahead)
    if force.any():
        # By parts: what is expected by each moment, by how fast its worth falls there.
        for moment, length in zip(*np.polynomial.legendre.leggauss(_MOMENTS), strict=True):
            weeks = weeks_ahead * (moment + 1) / 2
            lost = force * np.exp(-force * weeks) * weeks_ahead * length / 2
            orders[possible] += lost * until(weeks)
    return orders


def expected_order_value(
    *, repeats: Numbers, repeat_value: Numbers, p: float, q: float, v: float
) -> Numbers:
    """What an order day of a customer is worth on average, in the long run.

    Args:
        repeats: Days with an order after the first one.
        repeat_value: What was bought on them, in total.
        p: Parameter of Gamma-Gamma.
        q: Parameter of Gamma-Gamma, above 1.
        v: Parameter of Gamma-Gamma, money.
    """
    return p * (v + repeat_value) / (p * repeats + q - 1)


@lru_cache(maxsize=10_000)
def _beta_points(a: float, b: float) -> tuple[Numbers, Numbers]:
    """Find points and weights of the mean over a beta distribution (Golub & Welsch, 1969)."""
    k = np.arange(1, _POINTS)
    n = 2 * k + a + b - 2
    on = np.append((a - b) / (a + b), (a - b) * (a + b - 2) / (n * (n + 2)))
    k, n = k[1:], n[1:]
    beside = np.append(
        4 * a * b / ((a + b) ** 2 * (a + b + 1)),
        4 * k * (k + a - 1) * (k + b - 1) * (k + a + b - 2) / (n**2 * (n + 1) * (n - 1)),
    )
    points, vectors = eigh_tridiagonal(on, np.sqrt(beside))
    return np.maximum((1 + points) / 2, _NEARLY_ZERO), vectors[0] ** 2
