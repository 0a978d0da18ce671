"""Spectra from samples: eigenvalues, target coefficients, the powers they follow."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import _resolvent
from .chains import Chain
from .pictures import Picture
from .spectra import Eigenvalues

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Estimate:
    """What a sample says of the spectrum it was drawn from.

    ``sample`` are the eigenvalues of the sample, ``eigenvalues`` the same with its spreading undone. ``beta`` is the
    exponent of ``s_j ~ j**-beta`` and ``source`` the source exponent, each with the ends of its 95 % interval;
    ``beta_local`` the least and greatest slope over thirds of the window. ``noise`` is the standard deviation of the labels'
    noise together with what the sample does not resolve.
    """

    sample: NDArray[np.float64] = field(repr=False)
    eigenvalues: NDArray[np.float64] = field(repr=False)
    beta: tuple[float, float, float]
    beta_local: tuple[float, float]
    window: tuple[int, int]
    coefficients: NDArray[np.float64] | None = field(repr=False)
    noise: float | None
    explained: float | None
    source: tuple[float, float, float] | None
    picture: Picture = field(repr=False)
    _file: str = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the spectrum file (TOML) that experiments and derivations name as ``{ kind = "file", path = "…" }``."""
        Path(path).write_text(self._file, encoding="utf-8")

    def chain(self, **settings: Any) -> Chain:
        """A chain of refits with this spectrum and target; settings are those of :class:`resolvent.Chain`."""
        if self.coefficients is None:
            raise ValueError("a chain needs a target: estimate with labels")
        return Chain(Eigenvalues(self.eigenvalues), self.coefficients, **settings)

    def _repr_html_(self) -> str:
        value, low, high = self.beta
        said = f"β = {value:.4g} ({low:.4g} to {high:.4g})"
        if self.source is not None:
            said += ", r = {:.4g} ({:.4g} to {:.4g})".format(*self.source)
        if self.noise is not None:
            said += f", noise {self.noise:.4g}"
        return f"<p>{said}</p>{self.picture.svg}"


def estimate(
    features: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    kernel: str = "linear",
    gamma: float | None = None,
    degree: int = 3,
    offset: float = 1.0,
    population: bool = False,
    window: tuple[int, int] | None = None,
    draws: int = 20,
    seed: int = 0,
    title: str = "data",
    theme: str = "light",
) -> Estimate:
    """Estimates a spectrum from ``features`` with one row for each sample, as ``resolvent spectrum`` does.

    ``kernel`` is ``"linear"``, ``"rbf"``, ``"laplace"`` or ``"polynomial"``. The spreading of eigenvalues by the sample is
    undone under the assumption of Gaussian features; a ``population`` is all there is, and nothing is corrected.
    """
    x = np.ascontiguousarray(features, dtype=np.float64)
    if x.ndim != 2:
        raise ValueError(f"features form a two-dimensional array, not one of shape {x.shape}")
    y = None if labels is None else np.ascontiguousarray(labels, dtype=np.float64)
    found = _resolvent.estimate(
        x, y, kernel, gamma, degree, offset, population, window, draws, seed, title, theme
    )
    return Estimate(
        sample=found["sample"],
        eigenvalues=found["eigenvalues"],
        beta=found["beta"],
        beta_local=found["beta_local"],
        window=found["window"],
        coefficients=found.get("coefficients"),
        noise=found.get("noise"),
        explained=found.get("explained"),
        source=found.get("source"),
        picture=Picture(found["picture"]),
        _file=found["file"],
    )
