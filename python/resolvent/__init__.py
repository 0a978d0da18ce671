"""A theory checker for high-dimensional regression.

``kappa`` and ``df`` of any spectrum, predictions and simulations of chains of refits, verdicts on formulas.
"""

from ._resolvent import __version__
from .chains import Chain, Norm, Source
from .data import Estimate, estimate
from .equivalents import df, kappa
from .errors import FileError
from .experiments import Records, predict, simulate
from .features import RandomFeatures
from .kernels import Population
from .pictures import Picture, Series, chart
from .scaling import Scaling, scaling
from .spectra import Atoms, Eigenvalues, Isotropic, PowerLaw, Spectrum, spectrum
from .verdicts import Claim, Report, check

__all__ = [
    "Atoms",
    "Chain",
    "Claim",
    "Eigenvalues",
    "Estimate",
    "FileError",
    "Isotropic",
    "Norm",
    "Picture",
    "Population",
    "PowerLaw",
    "RandomFeatures",
    "Records",
    "Report",
    "Scaling",
    "Series",
    "Source",
    "Spectrum",
    "__version__",
    "chart",
    "check",
    "df",
    "estimate",
    "kappa",
    "predict",
    "scaling",
    "simulate",
    "spectrum",
]
