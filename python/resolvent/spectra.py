"""Spectra: the eigenvalues of the inputs' covariance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from . import _resolvent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    SpectrumLike = Union["Spectrum", ArrayLike]

#: More eigenvalues than this are not written out unless a larger limit is asked for.
WRITTEN_OUT = 10_000_000


class Spectrum:
    """Eigenvalues of a covariance matrix; made by one of its subclasses."""

    _inner: _resolvent.Spectrum

    def __init__(self, inner: _resolvent.Spectrum, description: str) -> None:
        self._inner = inner
        self._description = description

    @property
    def d(self) -> float:
        """The dimension: the number of eigenvalues, or infinity."""
        return self._inner.dimension

    def eigenvalues(self, limit: int = WRITTEN_OUT) -> NDArray[np.float64]:
        """All eigenvalues in descending order, where there are at most ``limit``."""
        return self._inner.values(limit)

    def __repr__(self) -> str:
        return self._description


class PowerLaw(Spectrum):
    """``s_k = k**-beta`` for ``k = 1, …, d``; ``d`` may be infinite, where ``beta > 1``."""

    def __init__(self, beta: float, d: float = math.inf) -> None:
        super().__init__(_resolvent.Spectrum.power_law(beta, _dimension(d)), f"PowerLaw({beta!r}, d={d!r})")
        self.beta = beta


class Isotropic(Spectrum):
    """``d`` eigenvalues of 1."""

    def __init__(self, d: int) -> None:
        dimension = _dimension(d)
        if dimension is None:
            raise ValueError("an isotropic spectrum needs a finite dimension")
        super().__init__(_resolvent.Spectrum.isotropic(dimension), f"Isotropic({d!r})")


class Atoms(Spectrum):
    """Distinct eigenvalues, each with its multiplicity."""

    def __init__(self, values: ArrayLike, multiplicities: ArrayLike) -> None:
        inner = _resolvent.Spectrum.atoms(_vector(values), _vector(multiplicities))
        super().__init__(inner, f"Atoms({len(_vector(values))} levels, d={inner.dimension:.0f})")


class Eigenvalues(Spectrum):
    """Any positive numbers, in any order. Sorted once: keep the object to ask for many kappas."""

    def __init__(self, values: ArrayLike) -> None:
        inner = _resolvent.Spectrum.eigenvalues(_vector(values))
        super().__init__(inner, f"Eigenvalues(d={inner.dimension:.0f})")


def spectrum(of: SpectrumLike) -> Spectrum:
    """A spectrum as it is; an array as the eigenvalues it holds."""
    return of if isinstance(of, Spectrum) else Eigenvalues(of)


def _vector(values: ArrayLike) -> NDArray[np.float64]:
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"eigenvalues form a one-dimensional array, not one of shape {array.shape}")
    return array


def _dimension(d: Any) -> int | None:
    if d == math.inf:
        return None
    if d != int(d) or d < 1:
        raise ValueError(f"a dimension is a whole number of at least 1, or infinite, not {d!r}")
    return int(d)
