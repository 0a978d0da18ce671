"""Experiments: a chain of refits and a sweep over it, predicted and simulated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Union

from . import _resolvent
from .pictures import Picture

Source = Union[str, "os.PathLike[str]"]


class Records(list):  # type: ignore[type-arg]
    """A list of dictionaries, one for each point of a sweep; ``pandas.DataFrame`` and ``polars.DataFrame`` take it."""

    def __init__(self, rows: list[dict[str, Any]], name: str, text: str) -> None:
        super().__init__(rows)
        self._name = name
        self._text = text

    def simulate(
        self,
        *,
        replicates: int | None = None,
        seed: int | None = None,
        threads: int | None = None,
        part: tuple[int, int] = (0, 1),
    ) -> Records:
        """The same experiment by Monte Carlo: ``mean``, ``standard_error`` and ``z`` beside the prediction."""
        rows = _resolvent.simulate(self._name, self._text, replicates, seed, threads, *part)
        return Records(rows, self._name, self._text)

    def picture(self, *, simulated: bool = False, theme: str = "light") -> Picture:
        """The theory on a fine grid; ``simulated`` puts means with error bars on top."""
        return Picture(_resolvent.experiment_picture(self._name, self._text, simulated, theme))

    def _repr_html_(self) -> str:
        shown = [name for name in (self[0] if self else {}) if any(row.get(name) is not None for row in self)]
        head = "".join(f"<th>{name}</th>" for name in shown)
        body = "".join(
            "<tr>" + "".join(f"<td>{_short(row.get(name))}</td>" for name in shown) + "</tr>" for row in self
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _short(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def source(text_or_path: Source, read: bool = True) -> tuple[str, str | None]:
    """Name and text of a file, or of a string that is the text itself; without ``read``, no text of a file."""
    if isinstance(text_or_path, str) and ("\n" in text_or_path or "=" in text_or_path):
        return "<string>", text_or_path
    path = Path(text_or_path)
    return str(path), path.read_text(encoding="utf-8") if read else None


def _named(text_or_path: Source) -> tuple[str, str]:
    name, text = source(text_or_path)
    return name, text or ""


def predict(text_or_path: Source) -> Records:
    """Deterministic equivalents of the test error and its parts, one record for each point of the sweep.

    Where the file has a section ``[predict]``, its estimator is written in formulas, and every quantity is a column.
    """
    name, text = _named(text_or_path)
    return Records(_resolvent.predict(name, text), name, text)


def simulate(
    text_or_path: Source,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    part: tuple[int, int] = (0, 1),
) -> Records:
    """An experiment by Monte Carlo, beside its prediction.

    ``part = (i, k)`` runs every ``k``-th point from the ``i``-th on; all parts together are the whole, whoever runs them.
    """
    name, text = _named(text_or_path)
    rows = _resolvent.simulate(name, text, replicates, seed, threads, *part)
    return Records(rows, name, text)
