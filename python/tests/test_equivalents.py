import math
import threading

import numpy as np
import pytest

import resolvent
from resolvent import Atoms, Eigenvalues, Isotropic, PowerLaw


def residual(eigenvalues, ridge, samples, kappa):
    """How far kappa is from the root of its equation, relative to kappa."""
    df1 = np.sum(eigenvalues / (eigenvalues + kappa))
    return (kappa - ridge - kappa * df1 / samples) / kappa


def test_kappa_solves_its_equation():
    s = np.random.default_rng(1).lognormal(sigma=3, size=200)
    for ridge in [1e-8, 1e-3, 1.0, 1e4]:
        for samples in [1, 50, 199, 200, 201, 5000]:
            kappa = resolvent.kappa(s, ridge, samples)
            assert kappa > ridge
            assert abs(residual(s, ridge, samples, kappa)) < 1e-12


def test_many_ridges_in_any_order():
    rng = np.random.default_rng(3)
    eigenvalues = rng.exponential(size=300)
    spectrum = Eigenvalues(eigenvalues)
    ridge, samples = 10 ** rng.uniform(-8, 2, 5000), rng.choice([100.0, 300.0, 700.0], 5000)
    kappa = resolvent.kappa(spectrum, ridge, samples)
    df1 = np.sum(eigenvalues / (eigenvalues + kappa[:, None]), axis=1)
    slope = np.sum(eigenvalues * kappa[:, None] / (eigenvalues + kappa[:, None]) ** 2, axis=1) + samples * ridge / kappa
    assert np.max(abs(samples - df1 - samples * ridge / kappa) / slope) < 1e-12
    alone = [resolvent.kappa(spectrum, *pair) for pair in zip(ridge[::500], samples[::500])]
    assert kappa[::500] == pytest.approx(alone, rel=1e-14)


def test_ridgeless_kappa_is_zero_with_enough_samples_only():
    assert resolvent.kappa(Isotropic(300), 0, 300) == 0
    assert resolvent.kappa(Isotropic(300), 0, 200) == pytest.approx(0.5, rel=1e-14)


def test_arguments_broadcast():
    ridge = np.logspace(-6, 2, 7)[:, None]
    samples = np.array([10, 100, 1000])
    kappa = resolvent.kappa(PowerLaw(2), ridge, samples)
    assert kappa.shape == (7, 3)
    for i in range(7):
        for j in range(3):
            assert kappa[i, j] == resolvent.kappa(PowerLaw(2), ridge[i, 0], samples[j])
    assert resolvent.kappa(PowerLaw(2), [], 10).shape == (0,)


def test_scalars_give_scalars():
    assert isinstance(resolvent.kappa(PowerLaw(2), 1e-3, 100), float)
    assert isinstance(resolvent.df(PowerLaw(2), 1, 1e-3), float)


def test_degrees_of_freedom():
    s = np.array([4.0, 1.0, 0.25])
    for m in [1, 2, 3]:
        assert resolvent.df(s, m, 0.5) == pytest.approx(np.sum((s / (s + 0.5)) ** m), rel=1e-14)
    # Infinitely many: (pi/beta)/sin(pi/beta) k^(-1/beta) - 1/2 + O(k)
    k = 1e-8
    leading = (math.pi / 2) * k**-0.5 - 0.5
    assert resolvent.df(PowerLaw(2), 1, k) == pytest.approx(leading, abs=1e-7)


def test_order_of_eigenvalues_does_not_matter_nor_how_they_are_given():
    s = np.array([0.25, 4.0, 1.0, 1.0])
    reference = resolvent.kappa(s, 0.1, 3)
    assert resolvent.kappa(s[::-1], 0.1, 3) == reference
    assert resolvent.kappa(Eigenvalues(list(s)), 0.1, 3) == reference
    assert resolvent.kappa(Atoms([4, 1, 0.25], [1, 2, 1]), 0.1, 3) == pytest.approx(reference, rel=1e-14)
    assert resolvent.kappa(s[::2], 0.1, 3) == resolvent.kappa(s[::2].copy(), 0.1, 3)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: resolvent.kappa(PowerLaw(2), -1, 10), "ridge"),
        (lambda: resolvent.kappa(PowerLaw(2), [1, math.nan], 10), "position 1"),
        (lambda: resolvent.kappa(PowerLaw(2), 1, 0), "sample size"),
        (lambda: resolvent.kappa([1.0, -1.0], 1, 10), "eigenvalue"),
        (lambda: resolvent.kappa(np.ones((2, 2)), 1, 10), "one-dimensional"),
        (lambda: PowerLaw(1), "diverges"),
        (lambda: PowerLaw(2, d=2.5), "whole number"),
        (lambda: Isotropic(math.inf), "finite"),
    ],
)
def test_errors_say_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_interpreter_goes_on_meanwhile():
    spectrum = Eigenvalues(np.linspace(1, 2, 300))
    ticks = 0
    begun, done = threading.Event(), threading.Event()

    def tick():
        nonlocal ticks
        begun.set()
        while not done.is_set():
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    begun.wait()
    before = ticks
    resolvent.kappa(spectrum, np.logspace(-8, 8, 20_000), 200)
    during = ticks - before
    done.set()
    thread.join()
    # With the lock held, the other thread would have had no turn but the one it needs to be told.
    assert during > 1000
