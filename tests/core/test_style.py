"""How the code reads, measured; and that what knows everything shows nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import pytest

import wizard

ROOT = Path(wizard.__file__).parent


def lengths() -> dict[str, int]:
    """Return the number of lines of each function's body, without its docstring."""
    return {
        f"{module.relative_to(ROOT)}:{node.lineno} {node.name}": length(node)
        for module in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.no_cover
def test_functions_are_short() -> None:
    found = lengths()
    assert {name: lines for name, lines in found.items() if lines > 30} == {}
    assert median(found.values()) <= 5
    assert quantiles(found.values(), n=10)[-1] <= 15


def test_core_and_providers_run_without_qt() -> None:
    script = """
import pkgutil, sys, importlib, wizard.core, wizard.providers, wizard.cli, wizard.terminal
for package in (wizard.core, wizard.providers):
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(one.name)
assert not [name for name in sys.modules if name.startswith(("PySide6", "shiboken6", "wizard.gui"))]
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_listing_the_systems_needs_no_network_and_no_keychain() -> None:
    script = """
import sys
from wizard import cli
assert cli.main(["systems", "--json"]) == 0
heavy = {"httpx", "keyring", "anyio", "stdnum", "platformdirs", "filelock", "truststore", "asyncio"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
