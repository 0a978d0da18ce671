"""Pictures of theory and fits: curves, points with error bars."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

import numpy as np

from . import _resolvent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Picture:
    """An SVG picture, which notebooks show."""

    svg: str = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the SVG."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg


class Series:
    """A curve, and points with error bars of one standard error, under one name and in one colour."""

    def __init__(self, label: str, *, dashed: bool = False) -> None:
        self.label = label
        self.dashed = dashed
        self._curve: list[tuple[float, float]] = []
        self._points: list[tuple[float, float, float]] = []

    def curve(self, x: ArrayLike, y: ArrayLike) -> Series:
        """Theory, in order of x."""
        a, b = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
        self._curve = list(zip(a.ravel().tolist(), b.ravel().tolist()))
        return self

    def points(self, x: ArrayLike, y: ArrayLike, error: ArrayLike = 0.0) -> Series:
        """What was measured."""
        a, b, c = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float), np.asarray(error, float))
        self._points = list(zip(a.ravel().tolist(), b.ravel().tolist(), c.ravel().tolist()))
        return self


def chart(
    series: Sequence[Series],
    *,
    title: str,
    x: str,
    y: str,
    notes: Sequence[str] = (),
    theme: str = "light",
) -> Picture:
    """Draws series; an axis is logarithmic where its values are positive and range widely."""
    given = [(s.label, s._curve, s._points, s.dashed) for s in series]
    return Picture(_resolvent.chart(title, x, y, given, list(notes), theme))
