import math

import numpy as np
import pytest

import resolvent
from resolvent import Atoms, Chain, Isotropic, Norm, PowerLaw, Source


def test_least_squares_is_the_textbook_formula():
    chain = Chain(Isotropic(300), Norm(1), samples=[600, 1200], noise=0.5)
    assert chain.predict()["test_error"] == pytest.approx([0.25, 0.25 * 300 / 900], rel=1e-12)


def test_settings_broadcast():
    chain = Chain(PowerLaw(2, d=50), Source(0.4), samples=[30, 80], ridge=np.array([[1e-3], [1e-2], [1e-1]]))
    found = chain.predict()
    assert found["test_error"].shape == chain.shape == (3, 2)
    one = Chain(PowerLaw(2, d=50), Source(0.4), samples=80, ridge=1e-2).predict()
    assert isinstance(one["kappa"], float)
    for name, value in one.items():
        assert found[name][1, 1] == value


def test_parts_add_up_and_say_what_experiment_files_say():
    text = """
    [setting]
    d        = 30
    spectrum = { kind = "power-law", beta = 2 }
    target   = { kind = "source", r = 0.375 }
    [chain]
    samples = 60
    noise   = 0.2
    [downstream]
    noise = 0.1
    ridge = 1e-3
    [sweep]
    n = [0, 2]
    T = [40, 100]
    """
    rows = resolvent.predict(text)
    chain = Chain(
        PowerLaw(2, d=30), Source(0.375), samples=[40, 100], noise=0.1, ridge=1e-3, n=[[0], [2]], samples0=60, noise0=0.2
    )
    found = chain.predict()
    assert [row["test_error"] for row in rows] == list(found["test_error"].ravel())
    total = found["bias"] + found["variance"] + found["synthetic"]
    assert total == pytest.approx(found["test_error"], rel=1e-12)


def test_coefficients_follow_their_eigenvalues():
    values, coefficients = np.array([0.1, 2.0, 0.5]), np.array([3.0, 1.0, 2.0])
    order = np.argsort(-values)
    here = Chain(values, coefficients, samples=2, ridge=0.1).predict()
    there = Chain(values[order], coefficients[order], samples=2, ridge=0.1).predict()
    assert here == there
    other = Chain(values[order], coefficients, samples=2, ridge=0.1).predict()
    assert here != other
    merged = Chain(Atoms([2, 0.5], [1, 2]), [1.0, 3.0, 4.0], samples=2, ridge=0.1).predict()
    same = Chain(Atoms([2, 0.5], [1, 2]), [1.0, 5.0, 0.0], samples=2, ridge=0.1).predict()
    assert merged == same


def test_simulations_agree():
    spectrum, coefficients = np.linspace(1, 3, 40), np.ones(40) / 6
    settings = dict(samples=[60, 90], noise=0.3, ridge=0.05, n=1, samples0=80, noise0=0.2, ridge0=0.02)
    chain = Chain(spectrum, coefficients, **settings)
    theory = chain.predict()["test_error"]
    found = chain.simulate(replicates=400, seed=1)
    # The equivalent is off by about a percent at d = 40.
    assert np.all(abs(found["mean"] - theory) < 4 * found["standard_error"] + 0.02 * theory)
    assert np.array_equal(found["mean"], chain.simulate(replicates=400, seed=1, threads=1)["mean"])
    assert not np.array_equal(found["mean"], chain.simulate(replicates=400, seed=2)["mean"])


def test_shared_generations_are_one_with_all_the_noise():
    shared = Chain(Isotropic(20), Norm(1), samples=50, n=4, samples0=60, noise0=0.1, shared=True)
    one = Chain(Isotropic(20), Norm(1), samples=50, n=1, samples0=60, noise0=0.2)
    assert shared.predict()["test_error"] == pytest.approx(one.predict()["test_error"], rel=1e-12)


def test_the_interpolation_threshold_is_infinite():
    found = Chain(Isotropic(50), Norm(1), samples=[49, 50, 51], noise=0.1).predict()
    assert math.isinf(found["test_error"][1]) and np.isfinite(found["test_error"][[0, 2]]).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Chain(Isotropic(5), Norm(1), samples=5, n=1), "samples0"),
        (lambda: Chain(Isotropic(5), Norm(1), samples=5, n=1.5, samples0=5).predict(), "whole number"),
        (lambda: Chain(Isotropic(5), Norm(1), samples=[5, -1]).predict(), "position 1"),
        (lambda: Chain(Isotropic(5), Norm(-1), samples=5).predict(), "must be finite and not negative"),
        (lambda: Chain([1.0, 2.0], [1.0], samples=5), "1 coefficients for 2"),
        (lambda: Chain([1.0, 2.0], [1.0, math.nan], samples=5), "finite"),
        (lambda: Chain(PowerLaw(2), [1.0], samples=5), "Source"),
        (lambda: Chain([1.0, 2.0], Source(0.5), samples=5).predict(), "power law"),
        (lambda: Chain(PowerLaw(2), Source(0.5), samples=5).simulate(), "finite dimensions"),
        (lambda: Chain(Isotropic(5), Norm(1), samples=5.5).simulate(), "whole samples"),
        (lambda: Chain(Isotropic(5), Norm(1), samples=5).simulate(replicates=0), "replicates"),
    ],
)
def test_errors_say_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
