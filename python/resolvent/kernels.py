"""Kernel ridge regression on data: a finite population, its spectrum, real fits and their prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .chains import Chain
from .spectra import Eigenvalues

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Population:
    """All there is to be drawn from: ``N`` inputs through their kernel matrix, and their true labels.

    Samples are drawn from the ``N`` inputs with replacement, and test errors are means over all of them. So eigenvalues and
    coefficients are exact, and :meth:`chain` differs from :meth:`refit` only by what the deterministic equivalent leaves
    out: features of a kernel are not Gaussian, and sizes are finite.

    ``explained`` is the part of the labels' power that lies in the kernel's span, as far as doubles reach. What is left enters
    predictions as a direction of vanishing eigenvalue, which no fit learns and every fit sees as noise.
    """

    def __init__(self, kernel: ArrayLike, labels: ArrayLike) -> None:
        self.kernel = np.asarray(kernel, dtype=np.float64)
        self.labels = np.asarray(labels, dtype=np.float64)
        n = len(self.labels)
        if self.labels.ndim != 1 or self.kernel.shape != (n, n):
            raise ValueError(
                f"a population of {n} labels has a kernel matrix of shape {(n, n)}, not {self.kernel.shape}"
            )
        if not np.isfinite(self.kernel).all() or not np.isfinite(self.labels).all():
            raise ValueError("the kernel matrix or the labels hold what is not a finite number")
        if not np.allclose(self.kernel, self.kernel.T, rtol=1e-8, atol=0):
            raise ValueError("a kernel matrix is symmetric")
        values, vectors = np.linalg.eigh(self.kernel / n)
        order = np.argsort(-values)
        kept = order[values[order] > 4 * n * np.finfo(float).eps * values[order[0]]]
        if len(kept) == 0:
            raise ValueError("no eigenvalue of the kernel matrix is positive")
        self.eigenvalues: NDArray[np.float64] = values[kept]
        along = vectors[:, kept].T @ self.labels / np.sqrt(n)
        self.coefficients: NDArray[np.float64] = along / np.sqrt(self.eigenvalues)
        power = float(self.labels @ self.labels) / n
        self.explained: float = float(along @ along) / power if power > 0 else 1.0
        values, coefficients = self.eigenvalues, self.coefficients
        left = power * (1 - self.explained)
        if left > 1e-12 * power:
            unseen = 1e-6 * values[-1]
            values, coefficients = np.append(values, unseen), np.append(coefficients, np.sqrt(left / unseen))
        self._spectrum, self._target = Eigenvalues(values), coefficients

    def chain(self, **settings: Any) -> Chain:
        """The chain of refits in feature space; settings are those of :class:`resolvent.Chain`."""
        return Chain(self._spectrum, self._target, **settings)

    def refit(
        self,
        *,
        samples: int,
        noise: float = 0.0,
        ridge: ArrayLike = 0.0,
        n: int = 0,
        samples0: int = 1,
        noise0: float = 0.0,
        ridge0: float = 0.0,
        replicates: int = 50,
        seed: int = 0,
        replace: bool = True,
    ) -> dict[str, Any]:
        """Real kernel ridge fits: ``n`` generations, each fitted to labels of the one before, then the last fit.

        Gives ``mean`` and ``standard_error`` of the test error, the mean square over the whole population of what the last
        fit gives less the true labels; for every ``ridge``, each on the same draws. Without ``replace`` the rows of one
        sample differ from one another, which the theory does not know of.
        """
        ridges = np.atleast_1d(np.asarray(ridge, dtype=np.float64))
        errors = np.empty((replicates, len(ridges)))
        for r in range(replicates):
            rng = np.random.default_rng([seed, r])
            labels = self.labels
            for _ in range(n):
                labels = self._fit(rng, labels, samples0, noise0, np.array([ridge0]), replace)[:, 0]
            fitted = self._fit(rng, labels, samples, noise, ridges, replace)
            errors[r] = np.mean((fitted - self.labels[:, None]) ** 2, axis=0)
        mean = errors.mean(axis=0)
        if replicates > 1:
            error = errors.std(axis=0, ddof=1) / np.sqrt(replicates)
        else:
            error = np.full(len(ridges), np.nan)
        if np.ndim(ridge) == 0:
            return {"mean": float(mean[0]), "standard_error": float(error[0])}
        return {"mean": mean, "standard_error": error}

    def _fit(
        self,
        rng: np.random.Generator,
        labels: NDArray[np.float64],
        samples: int,
        noise: float,
        ridges: NDArray[np.float64],
        replace: bool,
    ) -> NDArray[np.float64]:
        """What fits with these ridges to one sample give on the whole population, a column for each."""
        rows = rng.choice(len(self.labels), size=samples, replace=replace)
        y = labels[rows] + noise * rng.standard_normal(samples)
        # Rows of a symmetric matrix: columns would be gathered one number at a time.
        drawn = self.kernel[rows]
        inner = drawn[:, rows] / samples
        if len(ridges) == 1 and ridges[0] > 0:
            weights = np.linalg.solve(inner + ridges[0] * np.eye(samples), y) / samples
            return drawn.T @ weights[:, None]
        # (K/T + lambda)^-1 for every ridge from one decomposition.
        values, vectors = np.linalg.eigh(inner)
        floor = samples * np.finfo(float).eps * values[-1]
        shifted = np.maximum(values, 0.0)[:, None] + ridges[None, :]
        inverse = np.where(shifted > floor, 1.0 / np.maximum(shifted, floor), 0.0)
        weights = vectors @ (inverse * (vectors.T @ y)[:, None]) / samples
        return drawn.T @ weights
