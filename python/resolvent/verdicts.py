"""Derivations and the verdicts on their claims."""

from __future__ import annotations

import html
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence, Union

from . import _resolvent
from .experiments import Source, _short, source
from .pictures import Picture

#: Verdicts that satisfy a claim which is expected to hold.
HOLDS = ("proved", "certified", "supported")

_LEFT = "style='text-align:left'"


@dataclass(frozen=True)
class Claim:
    """One claim and what was found about it. ``record`` holds everything the JSON report says of it."""

    id: str
    says: str
    verdict: str
    expect: str
    as_expected: bool
    method: str
    reason: str | None
    witness: dict[str, Any] | None
    record: dict[str, Any] = field(repr=False)
    mathml: str | None = field(repr=False, compare=False)
    _source: tuple[str, str | None] = field(repr=False, compare=False)

    @property
    def holds(self) -> bool:
        """Whether it was proved, certified or supported."""
        return self.verdict in HOLDS

    def picture(self, theme: str = "light") -> Picture:
        """Both sides of the claim along its limit, or along one of its symbols.

        Raises ``ValueError`` where there is nothing to draw, as for claims about matrices.
        """
        path, text = self._source
        text = Path(path).read_text(encoding="utf-8") if text is None else text
        witness = json.dumps(self.witness) if self.witness else None
        return Picture(_resolvent.claim_picture(path, text, self.id, witness, self.reason, theme))

    def __str__(self) -> str:
        return f"{self.verdict}: {self.id}: {self.says}"

    def _repr_html_(self) -> str:
        says = f"<code>{html.escape(self.says)}</code>"
        rows = [
            ("claim", f"<code>{html.escape(self.id)}</code>"),
            ("says", f"{self.mathml or ''}{says}"),
            ("verdict", f"<b>{html.escape(self.verdict)}</b>" + ("" if self.as_expected else " (not as expected)")),
            ("how", html.escape(self.method)),
        ]
        if self.witness:
            at = ", ".join(f"{name} = {_short(value)}" for name, value in self.witness.get("symbols", {}).items())
            sides = f"{_short(self.witness.get('lhs'))} against {_short(self.witness.get('rhs'))}"
            rows += [("fails at", html.escape(at)), ("sides", html.escape(sides))]
        if self.reason:
            rows.append(("reason", html.escape(self.reason)))
        body = "".join(f"<tr><th {_LEFT}>{k}</th><td {_LEFT}>{v}</td></tr>" for k, v in rows)
        try:
            picture = self.picture().svg
        except (ValueError, OSError):
            # Not every claim has one; the table stands without.
            picture = ""
        return f"<table>{body}</table>{picture}"


@dataclass(frozen=True)
class Report:
    """The claims of a derivation, in order.

    ``faults`` are those of claims that could not be read, as dictionaries with ``code``, ``message``, ``line``, ``column``
    and ``help``; ``str()`` is the report as the command line prints it, ``page`` the same as an HTML page.
    """

    claims: list[Claim]
    summary: dict[str, int]
    faults: list[dict[str, Any]]
    text: str = field(repr=False)
    page: str = field(repr=False)

    @property
    def as_expected(self) -> bool:
        """Whether every claim is as expected, and every file could be read."""
        return not self.faults and all(claim.as_expected for claim in self.claims)

    def __getitem__(self, id: str) -> Claim:
        for claim in self.claims:
            if claim.id == id:
                return claim
        raise KeyError(id)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td {_LEFT}>{html.escape(c.verdict)}{'' if c.as_expected else ' (not as expected)'}</td>"
            f"<td {_LEFT}>{html.escape(c.id)}</td><td {_LEFT}><code>{html.escape(c.says)}</code></td></tr>"
            for c in self.claims
        )
        return f"<table><thead><tr><th>verdict</th><th>claim</th><th>says</th></tr></thead><tbody>{body}</tbody></table>"


def check(
    text_or_path: Union[Source, Sequence[Source]],
    *,
    seed: int = 0,
    effort: str = "normal",
    filter: str | None = None,
    threads: int = 0,
    work: float | None = None,
    timings: bool = False,
) -> Report:
    """Decides the claims of a derivation: its text, a file, a folder of files, or a list of these last two.

    ``effort`` is ``"quick"``, ``"normal"`` or ``"thorough"``; ``filter`` chooses claims by id, with ``*`` and ``?``;
    ``work`` bounds what one claim may cost, in seconds or so. Raises :class:`resolvent.FileError` where faults leave no
    claim to decide.
    """
    text: str | None = None
    if isinstance(text_or_path, (str, os.PathLike)):
        name, text = source(text_or_path, read=False)
        paths = [Path(name)]
    else:
        paths = [Path(path) for path in text_or_path]
    if text is None:
        for path in paths:
            if not path.exists():
                raise FileNotFoundError(f"there is no file or folder {str(path)!r}")
    result = _resolvent.check(paths, text, seed, effort, filter, threads, work, timings)
    report = json.loads(result["report"])
    claims = [
        Claim(
            id=row["id"],
            says=row["says"],
            verdict=row["verdict"],
            expect=row["expect"],
            as_expected=row["as_expected"],
            method=row["method"],
            reason=row.get("reason"),
            witness=row.get("witness"),
            record=row,
            mathml=formula,
            _source=(row["file"], text),
        )
        for row, formula in zip(report["claims"], result["formulas"])
    ]
    return Report(
        claims=claims,
        summary=report["summary"],
        faults=json.loads(result["faults"]),
        text=result["text"],
        page=result["page"],
    )
