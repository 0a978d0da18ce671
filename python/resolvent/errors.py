"""What can go wrong, with its place."""

from __future__ import annotations

import json
from typing import Any


class FileError(ValueError):
    """A derivation or experiment file with faults.

    ``str(error)`` shows each with its line, underlined, and how to mend it; ``error.faults`` holds them as
    dictionaries with ``code``, ``message``, ``line``, ``column`` and ``help``.
    """

    def __init__(self, text: str, faults: str = "[]") -> None:
        super().__init__(text)
        self.faults: list[dict[str, Any]] = json.loads(faults or "[]")
