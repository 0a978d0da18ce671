# %% [markdown]
# # Kernel ridge regression on images
#
# As in Figure 4: regression on ±1 labels (even or odd digits), kernel ridge, generations of synthetic labels. Curves are the
# chain of refits in feature space with the kernel's own eigenvalues; points are real fits to real images, with one standard
# error. Nothing is fitted: samples are drawn from the 1797 images, so spectrum and coefficients are exact, and what
# separates points from curves is that features of images are not Gaussian.
#
#     python examples/figure4.py          needs scikit-learn, for its digits

# %%
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import resolvent

images, digit = load_digits(return_X_y=True)
images, labels = images / 16, np.where(digit % 2 == 0, 1.0, -1.0)
squares = np.sum(images**2, axis=1)
distance2 = np.maximum(squares[:, None] + squares - 2 * images @ images.T, 0)
scale = 64 * images.var()
kernels = {"rbf": np.exp(-distance2 / scale), "laplace": np.exp(-np.sqrt(distance2 / (2 * scale)))}

# %% [markdown]
# 400 images and noise of standard deviation 0.3 for each generation, 200 images for the last fit.

# %%
generations = [0, 1, 3, 8]
settings = dict(samples=200, samples0=400, noise0=0.3, ridge0=1e-2)
ridge = np.logspace(-5, 0, 11)
fine = np.logspace(-5, 0, 101)
replicates = 10 if "--quick" in sys.argv else 200


def compare(name, population):
    """Theory beside fits, and how far apart they are."""
    series, table = [], []
    for n in generations:
        # Draws of their own for every curve; its ridges share them, so that their errors go up and down together.
        seed = 10 * list(kernels).index(name) + n
        curve = population.chain(ridge=fine, n=n, **settings).predict()["test_error"]
        theory = population.chain(ridge=ridge, n=n, **settings).predict()["test_error"]
        found = population.refit(ridge=ridge, n=n, replicates=replicates, seed=seed, **settings)
        series.append(
            resolvent.Series(f"n = {n}").curve(fine, curve).points(ridge, found["mean"], found["standard_error"])
        )
        for i, value in enumerate(ridge):
            table.append(
                {
                    "kernel": name,
                    "n": n,
                    "ridge": value,
                    "theory": theory[i],
                    "mean": found["mean"][i],
                    "standard_error": found["standard_error"][i],
                    "z": (found["mean"][i] - theory[i]) / found["standard_error"][i],
                    "off": found["mean"][i] / theory[i] - 1,
                }
            )
    return series, table


def notes(table, population):
    """Where theory and fits agree, by how much they do not, and whether Gaussian features of the same spectrum do there."""
    agreed = [row for row in table if row["ridge"] >= 9e-3]
    worst = max(table, key=lambda row: abs(row["off"]))
    gaussian = population.chain(ridge=worst["ridge"], n=worst["n"], **settings).simulate(replicates=replicates // 5)
    agrees = (gaussian["mean"] - worst["theory"]) / gaussian["standard_error"]
    return [
        f"For λ ≥ 0.01: largest difference {100 * max(abs(row['off']) for row in agreed):.1f} %, where equivalents leave out "
        f"1/T = {100 / settings['samples']:.1f} %; root mean square z = {np.sqrt(np.mean([row['z'] ** 2 for row in agreed])):.2f}.",
        f"Furthest apart: the fits are {100 * worst['off']:+.1f} % from theory at λ = {worst['ridge']:.0e}, n = {worst['n']}.",
        f"There, Gaussian features of the same spectrum: {100 * (gaussian['mean'] / worst['theory'] - 1):+.1f} %, z = {agrees:.1f}.",
    ]


# %%
pictures, tables, populations = {}, {}, {}
for name, kernel in kernels.items():
    population = populations[name] = resolvent.Population(kernel, labels)
    series, tables[name] = compare(name, population)
    told = notes(tables[name], population)
    for theme in ["light", "dark"]:
        pictures[name, theme] = resolvent.chart(
            series,
            title=f"Digits, {name} kernel: even or odd",
            x="ridge λ",
            y="test error",
            notes=told,
            theme=theme,
        )
    print(name, *told, sep="\n  ")
pictures["rbf", "light"]

# %%
pictures["laplace", "light"]

# %% [markdown]
# Where the ridge is large, what is left is of finite size: fits drawn more often show a difference of order 1/T, which the
# equivalent leaves out by construction, and which shrinks as samples grow.

# %%
often = replicates * 5
for T in [50, 100, 200]:
    several = dict(samples=T, ridge=ridge[ridge >= 9e-3])
    theory = populations["rbf"].chain(**several).predict()["test_error"]
    found = populations["rbf"].refit(replicates=often, seed=2, **several)
    print(f"rbf, n = 0, T = {T}, from λ = 0.01 to 1, in %:", end=" ")
    off, error = 100 * (found["mean"] / theory - 1), 100 * found["standard_error"] / theory
    print("   ".join(f"{a:+.2f} ± {b:.2f}" for a, b in zip(off, error)))

# %%
if "__file__" in globals():
    folder = Path(__file__).parent / "figures"
    for (name, theme), picture in pictures.items():
        picture.save(folder / f"4-{name}-{theme}.svg")
