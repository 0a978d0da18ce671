"""Derivations and the verdicts on their claims."""

from __future__ import annotations

import html
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import _resolvent
from .errors import FileError
from .experiments import Source

#: Verdicts that satisfy a claim which is expected to hold.
HOLDS = ("proved", "certified", "supported")


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

    @property
    def holds(self) -> bool:
        """Whether it was proved, certified or supported."""
        return self.verdict in HOLDS

    def __str__(self) -> str:
        return f"{self.verdict}: {self.id}: {self.says}"

    def _repr_html_(self) -> str:
        rows = [
            ("claim", f"<code>{html.escape(self.id)}</code>"),
            ("says", f"<code>{html.escape(self.says)}</code>"),
            ("verdict", f"<b>{html.escape(self.verdict)}</b>" + ("" if self.as_expected else " (not as expected)")),
            ("how", html.escape(self.method)),
        ]
        if self.witness:
            at = ", ".join(f"{name} = {_short(value)}" for name, value in self.witness.get("symbols", {}).items())
            sides = f"{_short(self.witness.get('lhs'))} against {_short(self.witness.get('rhs'))}"
            rows += [("fails at", html.escape(at)), ("sides", html.escape(sides))]
        if self.reason:
            rows.append(("reason", html.escape(self.reason)))
        body = "".join(f"<tr><th style='text-align:left'>{k}</th><td style='text-align:left'>{v}</td></tr>" for k, v in rows)
        return f"<table>{body}</table>"


@dataclass(frozen=True)
class Report:
    """The claims of a derivation, in order, and the report as the command line prints it."""

    claims: list[Claim]
    summary: dict[str, int]
    faults: list[str]
    text: str = field(repr=False)

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
            f"<tr><td style='text-align:left'>{html.escape(c.verdict)}</td>"
            f"<td style='text-align:left'>{html.escape(c.id)}</td>"
            f"<td style='text-align:left'><code>{html.escape(c.says)}</code></td></tr>"
            for c in self.claims
        )
        return f"<table><thead><tr><th>verdict</th><th>claim</th><th>says</th></tr></thead><tbody>{body}</tbody></table>"


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def check(
    text_or_path: Source,
    *,
    seed: int = 0,
    effort: str = "normal",
    filter: str | None = None,
    threads: int = 0,
    timings: bool = False,
) -> Report:
    """Decides the claims of a derivation: its text, a file, or a folder of files.

    Raises :class:`resolvent.FileError` where a text or file has faults that leave no claim to decide.
    """
    if isinstance(text_or_path, str) and ("\n" in text_or_path or "[[" in text_or_path):
        with tempfile.TemporaryDirectory(prefix="resolvent-") as folder:
            path = Path(folder) / "derivation.toml"
            path.write_text(text_or_path, encoding="utf-8")
            return _check(path, seed, effort, filter, threads, timings)
    path = Path(text_or_path)
    if not path.exists():
        raise FileNotFoundError(path)
    return _check(path, seed, effort, filter, threads, timings)


def _check(path: Path, seed: int, effort: str, filter: str | None, threads: int, timings: bool) -> Report:
    result = _resolvent.check([path], seed, effort, filter, threads, timings)
    report = json.loads(result["report"])
    rows = report["claims"]
    faults = result["faults"]
    if faults and all(row["verdict"] == "error" for row in rows):
        raise FileError("\n\n".join(faults))
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
        )
        for row in rows
    ]
    return Report(claims=claims, summary=report["summary"], faults=faults, text=result["text"])
