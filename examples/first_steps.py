# %% [markdown]
# # From a formula to a verdict, from data to a prediction
#
# `pip install ./python` in a clone of the repository, then run the cells.

# %%
import numpy as np

import resolvent

# %% [markdown]
# ## Is it true?
#
# A claim and the domain it speaks of. `df(m, k)` are degrees of freedom, for every spectrum.

# %%
report = resolvent.check(
    """
[symbols]
d = { integer = [1, 40] }
k = { real = [1e-3, 10], scale = "log" }

[[claim]]
id   = "ordered"
says = "df(2, k) <= df(1, k)"

[[claim]]
id   = "squared"
says = "df(2, k) = df(1, k)^2"
"""
)
report

# %% [markdown]
# What is refuted comes with a witness, and with a picture of both sides.

# %%
report["squared"]

# %% [markdown]
# ## Effective regularisation
#
# Spectra are objects or arrays; everything else broadcasts.

# %%
ridge = np.logspace(-6, 1, 8)
kappa = resolvent.kappa(resolvent.PowerLaw(2), ridge[:, None], [100, 1000])
kappa

# %%
print(resolvent.scaling(beta=2, source="3/8"))

# %% [markdown]
# ## Your own data
#
# A population is a kernel matrix and labels: here a thousand points of a curve, and a step to be learnt. Samples of 100 are
# drawn from it; theory and real fits of a chain of refits stand side by side.

# %%
rng = np.random.default_rng(0)
angle = rng.uniform(0, 2 * np.pi, 1000)
kernel = np.exp(np.cos(angle[:, None] - angle) - 1)
population = resolvent.Population(kernel, np.sign(np.sin(angle)))

ridge = np.logspace(-5, 0, 11)
settings = dict(samples=100, noise=0.2, samples0=200, noise0=0.2, ridge0=1e-3)
series = []
for n in [0, 1, 4]:
    fine = np.logspace(-5, 0, 101)
    theory = population.chain(ridge=fine, n=n, **settings).predict()["test_error"]
    found = population.refit(ridge=ridge, n=n, replicates=20, **settings)
    series.append(
        resolvent.Series(f"n = {n}").curve(fine, theory).points(ridge, found["mean"], found["standard_error"])
    )
picture = resolvent.chart(series, title="A step on a circle, refitted", x="ridge λ", y="test error")
picture
