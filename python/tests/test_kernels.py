import numpy as np
import pytest

import resolvent
from resolvent import Population


def gaussian_population(n=600, d=12, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.5
    return Population(x @ x.T, x @ rng.standard_normal(d))


def test_the_spectrum_of_a_linear_kernel_is_that_of_the_features():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((200, 5))
    w = rng.standard_normal(5)
    population = Population(x @ x.T, x @ w)
    covariance = x.T @ x / 200
    assert population.eigenvalues == pytest.approx(np.sort(np.linalg.eigvalsh(covariance))[::-1], rel=1e-9)
    assert np.sum(population.coefficients**2) == pytest.approx(w @ w, rel=1e-9)
    assert population.explained == pytest.approx(1, abs=1e-12)


def test_real_fits_of_nearly_gaussian_features_are_as_predicted():
    population = gaussian_population()
    ridge = np.array([0.03, 0.3])
    settings = dict(samples=80, noise=0.5, n=2, samples0=120, noise0=0.3, ridge0=0.05)
    theory = population.chain(ridge=ridge, **settings).predict()["test_error"]
    found = population.refit(ridge=ridge, replicates=60, **settings)
    # A sample with replacement from 600 is not quite a Gaussian one, and d = 12 is small: 4 % leave room for both.
    assert np.all(abs(found["mean"] - theory) < 4 * found["standard_error"] + 0.04 * theory)


def test_a_fit_without_ridge_interpolates_its_sample():
    population = gaussian_population(n=60, d=60)
    everything = population.refit(samples=60, ridge=0.0, replicates=2, replace=False)
    assert everything["mean"] < 1e-12


def test_digits():
    datasets = pytest.importorskip("sklearn.datasets")
    images, digit = datasets.load_digits(return_X_y=True)
    images, labels = images / 16, np.where(digit % 2 == 0, 1.0, -1.0)
    squares = np.sum(images**2, axis=1)
    distance2 = np.maximum(squares[:, None] + squares - 2 * images @ images.T, 0)
    population = Population(np.exp(-distance2 / (64 * images.var())), labels)
    ridge = np.array([1e-4, 1e-2, 1e-1])
    for n in (0, 2):
        settings = dict(samples=200, n=n, samples0=400, noise0=0.3, ridge0=1e-2)
        theory = population.chain(ridge=ridge, **settings).predict()["test_error"]
        found = population.refit(ridge=ridge, replicates=25, seed=4, **settings)
        z = (found["mean"] - theory) / found["standard_error"]
        # Large ridges: within error bars. Small ones: real images are harder than Gaussian ones.
        assert abs(z[1:]).max() < 4, z
        if n == 0:
            assert z[0] > 2 and found["mean"][0] / theory[0] < 1.2, z


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="shape"):
        Population(np.eye(3), np.ones(2))
    with pytest.raises(ValueError, match="symmetric"):
        Population([[1.0, 2.0], [0.0, 1.0]], np.ones(2))
    with pytest.raises(ValueError, match="finite"):
        Population(np.full((2, 2), np.nan), np.ones(2))
    with pytest.raises(ValueError, match="positive"):
        Population(np.zeros((2, 2)), np.ones(2))


def test_pictures_of_what_was_measured():
    series = [
        resolvent.Series("n = 0").curve([1, 10, 100], [1, 0.1, 0.01]).points([10], [0.11], [0.01]),
        resolvent.Series("n = 1", dashed=True).curve([1, 10, 100], [2, 0.2, 0.02]),
    ]
    picture = resolvent.chart(series, title="Test error", x="T", y="error", notes=["a note"])
    assert "Test error" in picture.svg and "a note" in picture.svg
    with pytest.raises(ValueError):
        resolvent.chart([], title="nothing", x="x", y="y")
