"""kappa and degrees of freedom, for scalars and arrays that broadcast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from . import _resolvent
from .spectra import Spectrum
from .spectra import spectrum as _spectrum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .spectra import SpectrumLike


def _broadcast(f: Callable[..., Any], of: Spectrum, a: ArrayLike, b: ArrayLike) -> Any:
    x, y = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    values = f(of._inner, np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1))
    return float(values[0]) if x.ndim == 0 else values.reshape(x.shape)


def kappa(spectrum: SpectrumLike, ridge: ArrayLike, samples: ArrayLike) -> Any:
    """The effective regularisation: the largest root of ``kappa - ridge = kappa * df(1, kappa) / samples``.

    ``spectrum`` is a spectrum object or an array of eigenvalues, ``ridge >= 0`` and ``samples > 0`` are scalars or
    arrays that broadcast. At ``ridge = 0`` it is 0 where ``samples >= d``. Relative error below 1e-13.

    >>> import resolvent
    >>> round(resolvent.kappa(resolvent.Isotropic(300), 0, 200), 12)
    0.5
    """
    return _broadcast(_resolvent.kappa, _spectrum(spectrum), ridge, samples)


def df(spectrum: SpectrumLike, m: ArrayLike, kappa: ArrayLike) -> Any:
    """Degrees of freedom ``tr Sigma^m (Sigma + kappa I)^-m``; arguments broadcast.

    >>> import resolvent
    >>> round(resolvent.df(resolvent.Isotropic(300), 2, 0.5), 9)
    133.333333333
    """
    return _broadcast(_resolvent.df, _spectrum(spectrum), m, kappa)
