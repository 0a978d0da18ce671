"""kappa of k^-beta by scipy.optimize.brentq over a NumPy sum to 10^6: median of 7 runs each, beside power_law.rs."""

import statistics
import time

import numpy as np
from scipy.optimize import brentq

for beta in (1.05, 2.0, 6.0):
    s = np.arange(1, 1_000_001, dtype=float) ** -beta
    for samples, lam in ((100.0, 0.0), (1e4, 1e-6)):

        def h(u):
            kappa = np.exp(u)
            return 1 - lam / kappa - np.sum(s / (s + kappa)) / samples

        low = np.log(lam) if lam > 0 else np.log(s[-1] * 1e-6)
        high = np.log(lam + s.sum() / samples)
        times = []
        for _ in range(7):
            start = time.perf_counter()
            root = brentq(h, low, high, xtol=1e-13, rtol=1e-13)
            times.append(time.perf_counter() - start)
        print(f"beta={beta} T={samples:g} lambda={lam:g}: {statistics.median(times) * 1e3:.3f} ms, kappa={np.exp(root):.16e}")
