"""Ten replicates of the right end of figure 1a, by NumPy row by row and by `resolvent simulate`, in one run.

    cargo build --release && python benches/simulate_numpy.py target/release/resolvent

d = 300, n = 5 generations of T_0 = 600 samples, downstream T = 10^6 and ridge 10^-3. NumPy does what one would write:
draw the designs, refit with lstsq, solve the ridge equations. Needs about 3 GB of memory.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

D, N, T0, T, SIGMA, RIDGE, REPLICATES = 300, 5, 600, 10**6, 0.2, 1e-3, 10

EXPERIMENT = f"""
[setting]
d        = {D}
spectrum = "isotropic"
target   = {{ kind = "isotropic", norm2 = 1 }}
[chain]
generations = {N}
samples     = {T0}
noise       = {SIGMA}
[downstream]
samples = {T}
noise   = {SIGMA}
ridge   = {RIDGE}
[simulate]
replicates = {REPLICATES}
"""


def replicate(rng):
    w0 = np.full(D, D**-0.5)
    w = w0
    for _ in range(N):
        x = rng.standard_normal((T0, D))
        w = np.linalg.lstsq(x, x @ w + SIGMA * rng.standard_normal(T0), rcond=None)[0]
    x = rng.standard_normal((T, D))
    y = x @ w + SIGMA * rng.standard_normal(T)
    w = np.linalg.solve(x.T @ x / T + RIDGE * np.eye(D), x.T @ y / T)
    return np.sum((w - w0) ** 2)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "resolvent"
    file = pathlib.Path(tempfile.mkdtemp()) / "right-end.toml"
    file.write_text(EXPERIMENT)
    command = [program, "simulate", "--quiet", "--format", "json", str(file)]
    times = []
    for _ in range(11):
        start = time.perf_counter()
        row = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["rows"][0]
        times.append(time.perf_counter() - start)
    ours = sorted(times)[len(times) // 2]
    print(f"resolvent: {ours:.4f} s (median of {len(times)}, with the start of the process), "
          f"mean {row['mean']:.5f} +- {row['standard_error']:.5f}, predicted {row['test_error']:.5f}")

    rng = np.random.default_rng(0)
    start = time.perf_counter()
    errors = [replicate(rng) for _ in range(REPLICATES)]
    numpy = time.perf_counter() - start
    print(f"numpy:     {numpy:.1f} s, mean {np.mean(errors):.5f} "
          f"+- {np.std(errors, ddof=1) / REPLICATES**0.5:.5f}")
    print(f"ratio:     {numpy / ours:.0f}")


if __name__ == "__main__":
    main()
