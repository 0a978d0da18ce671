"""The problems of kappa.rs by scipy.optimize.brentq over NumPy sums: median of 11 runs each."""

import statistics
import time

import numpy as np
from scipy.optimize import brentq

for d in (300, 20_000, 1_000_000):
    k = np.arange(1, d + 1, dtype=float)
    s = np.sort(k**-2.0 * (1 + np.sin(k) ** 2 / 10))[::-1].copy()
    samples = d / 10
    for lam in (0.0, 1e-6):
        calls = 0

        def h(u):
            global calls
            calls += 1
            kappa = np.exp(u)
            return 1 - lam / kappa - np.sum(s / (s + kappa)) / samples

        low = np.log(lam) if lam > 0 else np.log(s[-1] * 1e-6)
        high = np.log(lam + s.sum() / samples)
        times = []
        for _ in range(11):
            calls = 0
            start = time.perf_counter()
            root = brentq(h, low, high, xtol=1e-13, rtol=1e-13)
            times.append(time.perf_counter() - start)
        print(f"d={d} lambda={lam:g}: {statistics.median(times) * 1e3:.3f} ms, {calls} sums, kappa={np.exp(root):.16e}")
