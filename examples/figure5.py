# %% [markdown]
# # Random features
#
# As in Figure 5: ridge regression on random features, test error against width, against sample size, and over generations.
# Curves are deterministic equivalents of the whole chain, one expression in Gaussian matrices that all fits share their
# features in; points are simulations with one standard error.
#
#     python examples/figure5.py

# %%
import sys
from pathlib import Path

import numpy as np

import resolvent

spectrum, target = resolvent.PowerLaw(1.5, d=200), resolvent.Source(0.4)
settings = dict(noise=0.2, ridge=1e-3, samples0=300, noise0=0.2, ridge0=1e-3)
replicates = 3 if "--quick" in sys.argv else 20
generations = [0, 1, 2, 3]


def compare(title, label, fine, coarse, along, **fixed):
    """A picture in both themes, and the z-scores of its points."""
    series, z = [], []
    for n in generations:
        curve = resolvent.RandomFeatures(spectrum, target, n=n, **{along: fine}, **fixed, **settings).predict()
        features = resolvent.RandomFeatures(spectrum, target, n=n, **{along: coarse}, **fixed, **settings)
        theory, found = features.predict(), features.simulate(replicates=replicates, seed=n)
        z.append((found["mean"] - theory) / found["standard_error"])
        series.append(
            resolvent.Series(f"n = {n}").curve(fine, curve).points(coarse, found["mean"], found["standard_error"])
        )
    note = f"Points are simulations: root mean square z = {np.sqrt(np.mean(np.square(z))):.2f}."
    print(title, note, sep="\n  ")
    return {
        theme: resolvent.chart(series, title=title, x=label, y="test error", notes=[note], theme=theme)
        for theme in ["light", "dark"]
    }


# %%
width = compare(
    "Random features, 200 samples", "width p",
    np.geomspace(10, 2000, 40), np.array([10, 30, 100, 200, 400, 1000]), "width", samples=200,
)  # fmt: skip
width["light"]

# %%
samples = compare(
    "Random features, width 200", "sample size T",
    np.geomspace(20, 2000, 40), np.array([20, 60, 200, 400, 1000]), "samples", width=200,
)  # fmt: skip
samples["light"]

# %%
if "__file__" in globals():
    folder = Path(__file__).parent / "figures"
    for name, pictures in {"width": width, "samples": samples}.items():
        for theme, picture in pictures.items():
            picture.save(folder / f"5-{name}-{theme}.svg")
