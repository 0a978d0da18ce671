import numpy as np
import pytest

from resolvent import Chain, PowerLaw, RandomFeatures, Source


def test_many_features_are_ridge_regression():
    spectrum = PowerLaw(1.5, d=60)
    wide = RandomFeatures(spectrum, Source(0.4), width=1e6, samples=80, ridge=1e-2, noise=0.2).predict()
    ridge = Chain(spectrum, Source(0.4), samples=80, ridge=1e-2, noise=0.2).predict()["test_error"]
    assert wide == pytest.approx(ridge, rel=1e-3)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_simulations_agree(n, shared):
    features = RandomFeatures(
        PowerLaw(1.2, d=60),
        Source(0.5),
        width=[30, 120],
        samples=90,
        ridge=0.02,
        noise=0.2,
        n=n,
        samples0=100,
        noise0=0.3,
        shared=shared,
    )
    theory = features.predict()
    found = features.simulate(replicates=120, seed=n)
    # The equivalent is off by a percent or two at these sizes.
    assert np.all(abs(found["mean"] - theory) < 4 * found["standard_error"] + 0.02 * theory)


def test_errors_say_what_is_wrong():
    settings = dict(width=10, samples=10)
    with pytest.raises(ValueError, match="position 0.*ridge"):
        RandomFeatures([1.0, 2.0], [1.0, 1.0], ridge=0.0, **settings).predict()
    with pytest.raises(ValueError, match="whole number from 0"):
        RandomFeatures([1.0, 2.0], [1.0, 1.0], ridge=0.1, n=9, **settings).predict()
    with pytest.raises(ValueError, match="noise"):
        RandomFeatures([1.0, 2.0], [1.0, 1.0], ridge=0.1, noise=-1, **settings).predict()
