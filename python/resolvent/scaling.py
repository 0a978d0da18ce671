"""Power laws: exponents, constants and regimes, in exact fractions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Union

from . import _resolvent

Exponent = Union[int, float, str, Fraction]


@dataclass(frozen=True)
class Scaling:
    """Laws of a test error in powers of ``T``. ``record`` holds everything, ``str()`` is the table of the command line."""

    record: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.record[name]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text)}</pre>"


def scaling(
    beta: Exponent,
    source: Exponent,
    *,
    ell: Exponent | None = None,
    noise: Exponent | None = 0,
    b: Exponent | None = None,
    a: Exponent | None = 0,
    d: str = "inf",
    generations: int = 1,
    shared: bool = False,
    measured: bool = True,
) -> Scaling:
    """The laws of ``s_k = k**-beta`` with source exponent ``source``.

    Every other setting is a power of the sample size: ``lambda = T**-ell`` (or ``"ridgeless"``; None for the best),
    ``sigma**2 = T**noise`` (None for none), labels from fits to ``T0 = T**b`` samples (None for real labels) whose noise is
    ``n sigma0**2 = T**a``, and ``d``: ``"inf"``, ``"T^p"`` or ``"phi0*T0"``. Exponents are read exactly: ``"3/8"``,
    ``Fraction(3, 8)``, ``0.375``.
    """
    if generations < 0:
        raise ValueError("generations are a whole number of at least 0")
    record, text = _resolvent.scaling(
        _exact(beta),
        _exact(source),
        None if ell is None else _exact(ell),
        None if noise is None else _exact(noise),
        None if b is None else _exact(b),
        None if a is None else _exact(a),
        d,
        generations,
        shared,
        measured,
    )
    return Scaling(record=json.loads(record), text=text)


def _exact(x: Exponent) -> str:
    # A float is the decimal that one typed, not its binary neighbour.
    return repr(x) if isinstance(x, float) else str(x)
