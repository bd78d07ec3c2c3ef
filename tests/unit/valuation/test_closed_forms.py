"""What the models say of a customer: as published, and where the published formula cannot go."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import hyp2f1

from dagster_project.valuation.closed_forms import (
    WEEKS_PER_YEAR,
    Numbers,
    alive_probability,
    expected_order_value,
    expected_orders,
)

CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""The estimates of Fader, Hardie & Lee (2005)."""
RATES = st.fixed_dictionaries(
    {
        "r": st.floats(0.05, 10),
        "alpha": st.floats(0.5, 50),
        "a": st.floats(0.01, 20),
        "b": st.floats(0.1, 50),
    }
)


def numbers(*values: float) -> Numbers:
    return np.array(values, dtype=float)


def published(repeats: Numbers, age: Numbers, t: float, *, r, alpha, a, b) -> Numbers:
    """Equation 10 of Fader, Hardie & Lee without its denominator."""
    z = t / (alpha + age + t)
    with np.errstate(all="ignore"):
        series = hyp2f1(r + repeats, b + repeats, a + b + repeats - 1, z)
        return (a + b + repeats - 1) / (a - 1) * (1 - (1 - z) ** (r + repeats) * series)


def test_the_customer_of_the_paper_is_expected_to_order_1_226_times():
    repeats, age = numbers(2), numbers(38.86)
    alive = alive_probability(repeats=repeats, recency=numbers(30.43), age=age, **CDNOW)
    orders = expected_orders(repeats=repeats, age=age, weeks_ahead=numbers(39), **CDNOW)
    assert alive * orders == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize(
    "rates",
    [
        CDNOW,
        {"r": 1.41, "alpha": 1.37, "a": 0.011, "b": 4.06},
        {"r": 2.0, "alpha": 10.0, "a": 5.0, "b": 500.0},
        {"r": 0.3, "alpha": 2.0, "a": 0.2, "b": 0.5},
    ],
)
@pytest.mark.parametrize("weeks_ahead", [1.0, 13.0, 52.0])
def test_orders_ahead_are_those_of_the_published_formula(rates, weeks_ahead: float):
    repeats, age = numbers(0, 1, 2, 5, 20), numbers(1, 2, 10, 30, 150)
    found = expected_orders(repeats=repeats, age=age, weeks_ahead=np.full(5, weeks_ahead), **rates)
    assert found == pytest.approx(published(repeats, age, weeks_ahead, **rates), rel=1e-8)


def test_customers_of_long_standing_have_a_number_where_the_published_formula_has_none():
    repeats, age = numbers(1000, 5000), numbers(1040, 1040)
    rates = {"r": 1.41, "alpha": 1.37, "a": 0.011, "b": 4.06}
    found = expected_orders(repeats=repeats, age=age, weeks_ahead=numbers(260, 260), **rates)
    assert np.isnan(published(repeats, age, 260, **rates)).any()
    # Hardly anybody stops, so nearly as many as in as many weeks before.
    assert found == pytest.approx(repeats / age * 260, rel=0.01)


def test_a_may_be_one_and_a_and_b_may_add_up_to_one():
    of_one = {"r": 0.6, "alpha": 8.0, "a": 1.0, "b": 3.0}
    arguments = {"repeats": numbers(0, 3), "age": numbers(5, 5), "weeks_ahead": numbers(13, 13)}
    found = expected_orders(**arguments, **of_one)
    nearly = expected_orders(**arguments, **{**of_one, "a": 1 + 1e-9})
    assert found == pytest.approx(nearly, rel=1e-6)
    assert np.isfinite(expected_orders(**arguments, **{**of_one, "a": 0.3, "b": 0.7})).all()


def test_a_first_order_today_promises_what_customers_order_on_average():
    """Without stopping, it is the mean rate: a next to nothing, 0.5 orders a week for 10 weeks."""
    found = expected_orders(
        repeats=numbers(0), age=numbers(0), weeks_ahead=numbers(10), r=1, alpha=2, a=1e-6, b=1
    )
    assert found == pytest.approx(5, rel=1e-4)


def test_what_is_no_history_has_no_number_and_spoils_no_other():
    found = expected_orders(
        repeats=numbers(2, np.nan, -1, 2, 2),
        age=numbers(38.86, 1, 1, np.inf, -3),
        weeks_ahead=numbers(39, 39, 39, 39, 39),
        **CDNOW,
    )
    assert np.isnan(found).tolist() == [False, True, True, True, True]
    assert (
        expected_orders(repeats=numbers(), age=numbers(), weeks_ahead=numbers(), **CDNOW).tolist()
        == []
    )


@given(
    rates=RATES,
    repeats=st.integers(0, 300),
    spare=st.floats(0, 500),
    weeks_ahead=st.floats(0.1, 260),
    rate=st.floats(0.01, 0.5),
)
def test_orders_ahead_are_at_most_those_of_who_never_stops(
    rates, repeats: int, spare: float, weeks_ahead: float, rate: float
):
    age = repeats / 7 + spare
    known = {"repeats": numbers(repeats), "age": numbers(age), **rates}
    (sooner,) = expected_orders(**known, weeks_ahead=weeks_ahead / 2)
    (orders,) = expected_orders(**known, weeks_ahead=weeks_ahead)
    (worth,) = expected_orders(**known, weeks_ahead=weeks_ahead, yearly_discount_rate=rate)
    without_stopping = (rates["r"] + repeats) / (rates["alpha"] + age) * weeks_ahead
    assert 0 < sooner <= orders <= without_stopping * (1 + 1e-9)
    assert orders * (1 + rate) ** (-weeks_ahead / WEEKS_PER_YEAR) < worth < orders


def test_orders_are_discounted_by_when_they_are_expected():
    """As good as the sum over short steps, each discounted from its middle."""
    known = {"repeats": numbers(2, 0, 30), "age": numbers(38.86, 0.0, 40), **CDNOW}
    until = [expected_orders(**known, weeks_ahead=tenth / 10) for tenth in range(521)]
    steps = sum(
        (after - before) * 1.1 ** (-(tenth + 0.5) / 10 / WEEKS_PER_YEAR)
        for tenth, (before, after) in enumerate(pairwise(until))
    )
    found = expected_orders(**known, weeks_ahead=52.0, yearly_discount_rate=0.1)
    assert found == pytest.approx(steps, rel=1e-5)


class TestAliveProbability:
    """How likely a customer has not stopped."""

    def test_who_never_repeated_an_order_had_no_occasion_to_stop(self):
        found = alive_probability(repeats=numbers(0), recency=numbers(0), age=numbers(500), **CDNOW)
        assert found.tolist() == [1.0]

    def test_the_customer_of_the_paper(self):
        """1 / (1 + 0.793 / 3.426 * (43.274 / 34.844) ** 2.243), by hand."""
        found = alive_probability(
            repeats=numbers(2), recency=numbers(30.43), age=numbers(38.86), **CDNOW
        )
        assert found == pytest.approx(0.7266, abs=5e-5)

    def test_thousands_of_orders_overflow_nothing(self):
        with np.errstate(all="raise", under="ignore"):
            found = alive_probability(
                repeats=numbers(5000, 5000),
                recency=numbers(800, 1040),
                age=numbers(1040, 1040),
                **CDNOW,
            )
        assert found == pytest.approx([0, 1], abs=1e-3)

    def test_the_same_silence_says_more_of_a_frequent_customer(self):
        found = alive_probability(
            repeats=numbers(2, 20), recency=numbers(20, 20), age=numbers(30, 30), **CDNOW
        )
        assert found[0] > found[1]


def test_an_order_of_a_new_customer_is_worth_what_those_of_all_are_on_average():
    """6.25 * 15.44 / 2.74 = 35.22; with 60 on two further days 6.25 * 75.44 / 15.24 = 30.94."""
    found = expected_order_value(
        repeats=numbers(0, 2), repeat_value=numbers(0, 60), p=6.25, q=3.74, v=15.44
    )
    assert found == pytest.approx([35.22, 30.94], abs=5e-3)
