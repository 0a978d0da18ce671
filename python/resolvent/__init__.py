"""A theory checker for high-dimensional regression.

``kappa`` and ``df`` of any spectrum, predictions and simulations of chains of refits, verdicts on formulas.
"""

from ._resolvent import __version__
from .equivalents import df, kappa
from .errors import FileError
from .experiments import Records, predict, simulate
from .spectra import Atoms, Eigenvalues, Isotropic, PowerLaw, Spectrum, spectrum
from .verdicts import Claim, Report, check

__all__ = [
    "Atoms",
    "Claim",
    "Eigenvalues",
    "FileError",
    "Isotropic",
    "PowerLaw",
    "Records",
    "Report",
    "Spectrum",
    "__version__",
    "check",
    "df",
    "kappa",
    "predict",
    "simulate",
    "spectrum",
]
