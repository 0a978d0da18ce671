"""Chains of refits on arrays: a prediction or a simulation for each element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import numpy as np

from . import _resolvent
from .spectra import Spectrum
from .spectra import spectrum as _spectrum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .spectra import SpectrumLike

    TargetLike = Union["Source", "Norm", ArrayLike]


class Source:
    """Coefficients of a power law: ``c_k**2 = k**-(1 + beta*(2*r - 1))``."""

    def __init__(self, r: float) -> None:
        self.r = float(r)

    def __repr__(self) -> str:
        return f"Source({self.r!r})"


class Norm:
    """A target of squared length ``norm2``, spread evenly over the eigenvectors."""

    def __init__(self, norm2: float) -> None:
        self.norm2 = float(norm2)

    def __repr__(self) -> str:
        return f"Norm({self.norm2!r})"


class Chain:
    """``n`` refits to the labels of the one before, then ridge regression on the last ones' labels.

    ``spectrum`` is a spectrum object or an array of eigenvalues. ``target`` is an array of coefficients along the
    eigenvectors in the order of the eigenvalues given, :class:`Source` for power laws, or :class:`Norm`.

    ``samples``, ``noise`` (a standard deviation) and ``ridge`` are those of the last fit; ``n``, ``samples0``,
    ``noise0`` and ``ridge0`` those of the generations before. All are scalars or arrays that broadcast. A ridge of 0 is
    the minimum norm fit. ``shared`` generations refit on one design.

    >>> import resolvent
    >>> chain = resolvent.Chain(resolvent.Isotropic(300), resolvent.Norm(1), samples=[600, 1200], noise=0.5)
    >>> chain.predict()["test_error"].round(6).tolist()
    [0.25, 0.083333]
    """

    def __init__(
        self,
        spectrum: SpectrumLike,
        target: TargetLike,
        *,
        samples: ArrayLike,
        noise: ArrayLike = 0.0,
        ridge: ArrayLike = 0.0,
        n: ArrayLike = 0,
        samples0: ArrayLike | None = None,
        noise0: ArrayLike = 0.0,
        ridge0: ArrayLike = 0.0,
        shared: bool = False,
    ) -> None:
        if samples0 is None and np.any(np.asarray(n) > 0):
            raise ValueError("generations need a sample size: give samples0")
        self._spectrum, self._target = _pair(spectrum, target)
        self._shared = shared
        names = ["samples", "noise", "ridge", "n", "samples0", "noise0", "ridge0"]
        given = [samples, noise, ridge, n, 1.0 if samples0 is None else samples0, noise0, ridge0]
        arrays = np.broadcast_arrays(*[np.asarray(value, dtype=np.float64) for value in given])
        self.shape: tuple[int, ...] = arrays[0].shape
        self._settings = dict(zip(names, arrays))
        self._fits = {name: np.ascontiguousarray(a).reshape(-1) for name, a in self._settings.items()}

    @property
    def settings(self) -> dict[str, NDArray[np.float64]]:
        """All settings at their common shape, under the names of the arguments."""
        return dict(self._settings)

    def predict(self) -> dict[str, Any]:
        """Deterministic equivalents: ``kappa``, ``df1``, ``df2``, ``bias``, ``variance``, ``synthetic``, ``test_error``.

        Arrays of the common shape, or numbers where all settings are. Where a noisy minimum norm fit has as many samples
        as dimensions, ``test_error`` is infinite and its parts are NaN.
        """
        return self._shaped(_resolvent.predict_chain(self._spectrum._inner, self._target, self._fits, self._shared))

    def simulate(self, *, replicates: int = 100, seed: int = 0, threads: int | None = None) -> dict[str, Any]:
        """The test error by Monte Carlo with Gaussian designs: ``mean`` and ``standard_error``.

        The same for any number of threads.
        """
        found = _resolvent.simulate_chain(
            self._spectrum._inner, self._target, self._fits, self._shared, replicates, seed, threads
        )
        return self._shaped(found)

    def _shaped(self, columns: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
        if self.shape == ():
            return {name: float(column[0]) for name, column in columns.items()}
        return {name: column.reshape(self.shape) for name, column in columns.items()}


def _pair(spectrum: SpectrumLike, target: TargetLike) -> tuple[Spectrum, _resolvent.Target]:
    """Coefficients follow their eigenvalues when those are sorted."""
    if isinstance(target, Source):
        return _spectrum(spectrum), _resolvent.Target.source(target.r)
    if isinstance(target, Norm):
        return _spectrum(spectrum), _resolvent.Target.isotropic(target.norm2)
    coefficients = np.ascontiguousarray(target, dtype=np.float64)
    if coefficients.ndim != 1:
        raise ValueError(f"coefficients form a one-dimensional array, not one of shape {coefficients.shape}")
    if not isinstance(spectrum, Spectrum):
        values = np.asarray(spectrum, dtype=np.float64)
        if values.shape == coefficients.shape:
            coefficients = np.ascontiguousarray(coefficients[np.argsort(-values, kind="stable")])
    spectrum = _spectrum(spectrum)
    return spectrum, _resolvent.Target.coefficients(spectrum._inner, coefficients)
