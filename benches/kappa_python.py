"""The problems of kappa.rs from Python, and a vector of ridges against SciPy's Brent.

Build the package in release first (`maturin develop --release` or `pip install ./python`), and compare the first lines with
`cargo bench --bench kappa`.
"""

import statistics
import time

import numpy as np
from scipy.optimize import brentq

import resolvent


def wavy(d):
    k = np.arange(1, d + 1, dtype=float)
    return k**-2.0 * (1 + np.sin(k) ** 2 / 10)


def timed(call, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times), statistics.median(times)


for d in (300, 20_000, 1_000_000):
    spectrum = resolvent.Eigenvalues(wavy(d))
    for ridge in (0.0, 1e-6):
        least, median = timed(lambda: resolvent.kappa(spectrum, ridge, d / 10), 41)
        print(f"d={d} lambda={ridge:g}: {least * 1e3:.4f} ms at least, {median * 1e3:.4f} ms in the median")
    values = wavy(d)
    least, median = timed(lambda: resolvent.kappa(values, 1e-6, d / 10), 11)
    print(f"d={d} from an array: {least * 1e3:.4f} ms at least, {median * 1e3:.4f} ms in the median")

s = np.sort(wavy(300))[::-1].copy()
ridges = np.logspace(-8, 2, 100_000)
spectrum = resolvent.Eigenvalues(s)
here, _ = timed(lambda: resolvent.kappa(spectrum, ridges, 200), 5)
print(f"{len(ridges)} ridges at d=300: {here * 1e3:.1f} ms")


def brent(ridge):
    def h(u):
        kappa = np.exp(u)
        return 1 - ridge / kappa - np.sum(s / (s + kappa)) / 200

    return np.exp(brentq(h, np.log(ridge), np.log(ridge + s.sum() / 200), xtol=1e-13, rtol=1e-13))


some = ridges[::100]
there, _ = timed(lambda: [brent(ridge) for ridge in some], 3)
there *= len(ridges) / len(some)
found = resolvent.kappa(spectrum, some, 200)
worst = max(abs(a / brent(ridge) - 1) for a, ridge in zip(found, some))
print(f"SciPy's Brent, from every hundredth: {there * 1e3:.0f} ms, {there / here:.0f} times as long; largest difference {worst:.1e}")
