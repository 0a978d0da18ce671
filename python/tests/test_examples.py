"""The notebooks run from top to bottom, and are what their scripts say."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


def test_notebooks_are_their_scripts():
    run = subprocess.run([sys.executable, ROOT / "scripts" / "notebooks", "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path, monkeypatch):
    if path.stem == "figure4":
        pytest.importorskip("sklearn")
    monkeypatch.setattr(sys, "argv", ["notebook", "--quick"])
    names: dict[str, object] = {"__name__": "__main__"}
    shown = 0
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        whole = ast.parse("".join(cell["source"]))
        last = whole.body.pop() if isinstance(whole.body[-1], ast.Expr) else None
        exec(compile(whole, path.name, "exec"), names)
        if last is not None:
            # What a notebook shows.
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            render = getattr(value, "_repr_html_", None) or getattr(value, "_repr_svg_", None)
            shown += bool(render and render().strip())
    assert shown >= 2
