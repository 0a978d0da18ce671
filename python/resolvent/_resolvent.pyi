from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

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

def kappa(spectrum: Spectrum, ridge: NDArray[np.float64], samples: NDArray[np.float64]) -> NDArray[np.float64]: ...
def df(spectrum: Spectrum, m: NDArray[np.float64], kappa: NDArray[np.float64]) -> NDArray[np.float64]: ...
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
def check(
    paths: list[PathLike[str]],
    seed: int,
    effort_name: str,
    filter: str | None,
    threads: int,
    timings: bool,
) -> dict[str, Any]: ...
