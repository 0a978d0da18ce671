from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "__version__",
    "Spectrum",
    "Target",
    "predict_chain",
    "simulate_chain",
    "estimate",
    "kappa",
    "df",
    "predict",
    "simulate",
    "experiment_picture",
    "predict_features",
    "chart",
    "scaling",
    "check",
    "claim_picture",
]

__version__: str

@final
class Spectrum:
    @staticmethod
    def power_law(beta: float, d: int | None = None) -> Spectrum: ...
    @staticmethod
    def isotropic(d: int) -> Spectrum: ...
    @staticmethod
    def atoms(values: NDArray[np.float64], multiplicities: NDArray[np.float64]) -> Spectrum: ...
    @staticmethod
    def eigenvalues(values: NDArray[np.float64]) -> Spectrum: ...
    @property
    def dimension(self) -> float: ...
    def values(self, limit: int) -> NDArray[np.float64]: ...

@final
class Target:
    @staticmethod
    def isotropic(norm2: float) -> Target: ...
    @staticmethod
    def source(r: float) -> Target: ...
    @staticmethod
    def coefficients(spectrum: Spectrum, values: NDArray[np.float64]) -> Target: ...
    def values(self, spectrum: Spectrum) -> NDArray[np.float64]: ...

def estimate(
    features: NDArray[np.float64],
    labels: NDArray[np.float64] | None,
    kernel_name: str,
    gamma: float | None,
    degree: int,
    offset: float,
    population: bool,
    window: tuple[int, int] | None,
    draws: int,
    seed: int,
    title: str,
    theme: str,
) -> dict[str, Any]: ...
def kappa(
    spectrum: Spectrum, ridge: NDArray[np.float64], samples: NDArray[np.float64]
) -> NDArray[np.float64]: ...
def df(spectrum: Spectrum, m: NDArray[np.float64], kappa: NDArray[np.float64]) -> NDArray[np.float64]: ...
def predict_chain(
    spectrum: Spectrum, target: Target, fits: Mapping[str, NDArray[np.float64]], shared: bool
) -> dict[str, NDArray[np.float64]]: ...
def simulate_chain(
    spectrum: Spectrum,
    target: Target,
    fits: Mapping[str, NDArray[np.float64]],
    shared: bool,
    replicates: int,
    seed: int,
    threads: int | None,
) -> dict[str, NDArray[np.float64]]: ...
def predict_features(
    spectrum: Spectrum,
    target: Target,
    width: NDArray[np.float64],
    fits: Mapping[str, NDArray[np.float64]],
    shared: bool,
) -> NDArray[np.float64]: ...
def chart(
    title: str,
    x_label: str,
    y_label: str,
    series: Sequence[tuple[str, Sequence[tuple[float, float]], Sequence[tuple[float, float, float]], bool]],
    notes: Sequence[str],
    theme: str,
) -> str: ...
def predict(name: str, text: str) -> list[dict[str, Any]]: ...
def simulate(
    name: str,
    text: str,
    replicates: int | None,
    seed: int | None,
    threads: int | None,
    part: int,
    parts: int,
) -> list[dict[str, Any]]: ...
def experiment_picture(name: str, text: str, simulated: bool, theme: str) -> str: ...
def scaling(
    beta: str,
    source: str,
    ell: str | None,
    noise: str | None,
    b: str | None,
    a: str | None,
    d: str,
    generations: int,
    shared: bool,
    measured: bool,
) -> tuple[str, str]: ...
def check(
    paths: Sequence[PathLike[str]],
    text: str | None,
    seed: int,
    effort_name: str,
    filter: str | None,
    threads: int,
    work: float | None,
    timings: bool,
) -> dict[str, Any]: ...
def claim_picture(
    path: str, text: str, id: str, witness: str | None, reason: str | None, theme: str
) -> str: ...
