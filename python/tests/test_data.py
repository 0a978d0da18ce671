import numpy as np
import pytest

import resolvent


def planted(beta, seed, rows=300, d=80, noise=0.3):
    rng = np.random.default_rng(seed)
    s = np.arange(1, d + 1) ** -float(beta)
    turn, _ = np.linalg.qr(rng.standard_normal((d, d)))
    z = rng.standard_normal((rows, d)) * np.sqrt(s)
    # Source exponent 1/2: c_k^2 = 1/k.
    c = np.arange(1, d + 1) ** -0.5
    return s, z @ turn, z @ c + noise * rng.standard_normal(rows)


@pytest.mark.parametrize("beta", [1.1, 1.8])
def test_planted_exponents_lie_in_their_intervals(beta):
    runs = [resolvent.estimate(planted(beta, seed)[1]) for seed in range(10)]
    inside = sum(run.beta[1] <= beta <= run.beta[2] for run in runs)
    # Of ten intervals of 95 %, fewer than eight hold the truth once in a hundred times.
    assert inside >= 8
    assert all(run.beta[2] - run.beta[1] < 0.4 for run in runs)


def test_the_correction_takes_off_most_of_the_bias():
    off, corrected = [], []
    for seed in range(6):
        s, x, _ = planted(1.3, seed)
        run = resolvent.estimate(x)
        off.append(np.log(run.sample / s))
        corrected.append(np.log(run.eigenvalues / s))
        assert np.sum(run.eigenvalues) == pytest.approx(np.sum(run.sample), rel=1e-12)
    off, corrected = np.mean(off, axis=0), np.mean(corrected, axis=0)
    assert np.all(off[-5:] < -0.3)
    assert np.all(abs(corrected[-5:]) < abs(off[-5:]) / 3)


def test_target_and_noise(tmp_path):
    s, x, y = planted(1.5, 3)
    run = resolvent.estimate(x, y, title="planted")
    # The residuals' root mean square has a standard deviation of 3.4 % of itself.
    assert run.noise == pytest.approx(0.3, rel=4 * 0.034)
    assert run.source is not None and run.source[1] < 0.5 < run.source[2]
    html = run._repr_html_()
    assert "β = " in html and "<svg" in html
    run.save(tmp_path / "planted.toml")
    file = '{ kind = "file", path = "planted.toml" }'
    experiment = tmp_path / "experiment.toml"
    experiment.write_text(f"[setting]\nspectrum = {file}\ntarget = {file}\n[downstream]\nridge = 1e-2\n[sweep]\nT = [50, 500]\n")
    rows = resolvent.predict(experiment)
    chain = run.chain(samples=[50, 500], ridge=1e-2).predict()
    assert [row["test_error"] for row in rows] == pytest.approx(list(chain["test_error"]), rel=1e-12)
    derivation = tmp_path / "derivation.toml"
    derivation.write_text(
        f"[setting]\nspectrum = {file}\n[symbols]\nk = {{ real = [1e-3, 10] }}\n"
        '[[claim]]\nid = "below"\nsays = "df(1, k) <= d"\n[[claim]]\nid = "half"\nsays = "df(1, k) <= d/8"\n'
    )
    report = resolvent.check(derivation)
    assert report["below"].holds and report["half"].verdict == "refuted"


def test_predictions_from_a_sample_hold_for_fresh_ones():
    """Spectrum, target and noise from one sample predict the test error of ridge fits to others."""
    ratios = []
    for seed in range(8):
        s, x, y = planted(1.5, seed, rows=1000)
        run = resolvent.estimate(x, y, draws=10)
        theory = run.chain(samples=60, ridge=0.02, noise=run.noise).predict()["test_error"]
        c = np.arange(1, 81) ** -0.5
        ratios.append(theory / resolvent.Chain(s, c, samples=60, ridge=0.02, noise=0.3).predict()["test_error"])
    error = np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    assert abs(np.mean(ratios) - 1) < 4 * error, ratios
    assert error < 0.03


def test_noise_is_no_signal():
    explained = []
    for seed in range(6):
        _, x, _ = planted(1.5, seed)
        explained.append(resolvent.estimate(x, np.random.default_rng(seed).standard_normal(300), draws=10).explained)
    # Cut at zero one by one, 80 squares of noise would leave half their sum: 0.48*80/300 = 13 %.
    assert np.mean(explained) < 0.06, explained


def test_a_population_is_not_corrected():
    _, x, _ = planted(1.0, 1)
    run = resolvent.estimate(x, x @ np.ones(80), population=True)
    assert np.array_equal(run.sample, run.eigenvalues)
    assert run.noise == pytest.approx(0, abs=1e-6)
    assert np.sum(run.coefficients**2) == pytest.approx(80, rel=1e-9)


def test_kernels():
    x = np.random.default_rng(0).standard_normal((60, 4))
    rbf = resolvent.estimate(x, kernel="rbf", gamma=0.25, draws=10)
    distance2 = ((x[:, None] - x) ** 2).sum(axis=2)
    expected = np.sort(np.linalg.eigvalsh(np.exp(-0.25 * distance2) / 60))[::-1]
    assert rbf.sample[:40] == pytest.approx(expected[:40], rel=1e-9)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: resolvent.estimate(np.ones(5)), "two-dimensional"),
        (lambda: resolvent.estimate(np.ones((5, 2))), "at least 8"),
        (lambda: resolvent.estimate(np.zeros((20, 2))), "no eigenvalue is positive"),
        (lambda: resolvent.estimate(np.eye(20), np.ones(3)), "3 labels for 20 rows"),
        (lambda: resolvent.estimate(np.full((20, 2), np.nan)), "row 0, column 0"),
        (lambda: resolvent.estimate(np.eye(20), kernel="best"), "polynomial"),
        (lambda: resolvent.estimate(np.eye(20), kernel="rbf", gamma=-1.0), "gamma"),
        (lambda: resolvent.estimate(np.eye(20), draws=3), "10 or more"),
        (lambda: resolvent.estimate(np.eye(20), window=(15, 16)), "widen the window"),
    ],
)
def test_errors_say_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
