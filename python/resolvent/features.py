"""Ridge regression on random features: width, sample size, generations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _resolvent
from .chains import _pair

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .chains import TargetLike
    from .spectra import SpectrumLike


class RandomFeatures:
    """Ridge regression on ``width`` random features ``F x / sqrt(width)`` of the inputs, ``F`` standard normal.

    ``n`` generations are fitted on ``samples0`` rows each to the labels of the one before, the first to true ones, and the
    last fit on ``samples`` rows to theirs. Every fit has a design of its own; all see the same features, or each its own
    where ``shared`` is false. Settings broadcast, as those of :class:`resolvent.Chain`.
    """

    def __init__(
        self,
        spectrum: SpectrumLike,
        target: TargetLike,
        *,
        width: ArrayLike,
        samples: ArrayLike,
        ridge: ArrayLike,
        noise: ArrayLike = 0.0,
        n: ArrayLike = 0,
        samples0: ArrayLike = 1,
        noise0: ArrayLike = 0.0,
        ridge0: ArrayLike | None = None,
        shared: bool = True,
    ) -> None:
        self._spectrum, self._target = _pair(spectrum, target)
        self._shared = shared
        names = ["width", "samples", "noise", "ridge", "n", "samples0", "noise0", "ridge0"]
        given = [width, samples, noise, ridge, n, samples0, noise0, ridge if ridge0 is None else ridge0]
        arrays = np.broadcast_arrays(*[np.asarray(value, dtype=np.float64) for value in given])
        self.shape: tuple[int, ...] = arrays[0].shape
        self._settings = {name: np.ascontiguousarray(a).reshape(-1) for name, a in zip(names, arrays)}

    def predict(self) -> Any:
        """The deterministic equivalent of the test error."""
        width = self._settings["width"]
        found = _resolvent.predict_features(self._spectrum._inner, self._target, width, self._settings, self._shared)
        return float(found[0]) if self.shape == () else found.reshape(self.shape)

    def simulate(self, *, replicates: int = 50, seed: int = 0) -> dict[str, Any]:
        """``mean`` and ``standard_error`` of the test error over drawn features, designs and noise."""
        scale, coefficients = np.sqrt(self._spectrum.eigenvalues()), self._target.values(self._spectrum._inner)
        count = len(self._settings["n"])
        errors = np.empty((count, replicates))
        for i in range(count):
            s = {name: column[i] for name, column in self._settings.items()}
            for r in range(replicates):
                errors[i, r] = _replicate(np.random.default_rng([seed, i, r]), scale, coefficients, s, self._shared)
        mean, error = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(replicates)
        if self.shape == ():
            return {"mean": float(mean[0]), "standard_error": float(error[0])}
        return {"mean": mean.reshape(self.shape), "standard_error": error.reshape(self.shape)}


def _replicate(
    rng: np.random.Generator,
    scale: NDArray[np.float64],
    truth: NDArray[np.float64],
    s: dict[str, float],
    shared: bool,
) -> float:
    d, width = len(scale), int(s["width"])
    layer = rng.standard_normal((width, d)) / np.sqrt(width)
    w = truth
    fits = [(int(s["samples0"]), s["noise0"], s["ridge0"])] * int(s["n"])
    for rows, noise, ridge in [*fits, (int(s["samples"]), s["noise"], s["ridge"])]:
        design = rng.standard_normal((rows, d)) * scale
        labels = design @ w + noise * rng.standard_normal(rows)
        features = design @ layer.T
        if width <= rows:
            gram = features.T @ features / rows + ridge * np.eye(width)
            a = np.linalg.solve(gram, features.T @ labels / rows)
        else:
            gram = features @ features.T / rows + ridge * np.eye(rows)
            a = features.T @ np.linalg.solve(gram, labels) / rows
        w = layer.T @ a
        if not shared:
            layer = rng.standard_normal((width, d)) / np.sqrt(width)
    return float(np.sum((scale * (w - truth)) ** 2))
