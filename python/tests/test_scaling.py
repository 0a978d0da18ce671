from fractions import Fraction

import pytest

import resolvent


def test_the_slow_rate():
    laws = resolvent.scaling(2, Fraction(3, 8))
    # ell_crit = beta/(2 beta r + 1) = 2/(5/2)
    assert "ell_crit = 4/5, c = 3/5" in str(laws)
    assert resolvent.scaling(2, "3/8").record == laws.record == resolvent.scaling("2", 0.375).record


def test_synthetic_labels():
    laws = resolvent.scaling(2, "3/8", noise=None, b=1, a=0, d="1/2*T0", measured=False)
    assert "synthetic d/T0" in str(laws)
    assert "<pre>" in laws._repr_html_()
    assert isinstance(laws.record, dict) and laws.record


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: resolvent.scaling(1, 1), "beta > 1"),
        (lambda: resolvent.scaling(2, -1), "positive"),
        (lambda: resolvent.scaling("two", 1), "is not a number"),
        (lambda: resolvent.scaling(2, "1/0"), "divides by zero"),
        (lambda: resolvent.scaling(2, 1, d="1/2*T0"), "labeller"),
        (lambda: resolvent.scaling(2, 1, d="many"), "power such as"),
        (lambda: resolvent.scaling(2, 1, generations=-1), "whole number"),
    ],
)
def test_errors_say_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
