"""Loads a real module of keyring's that this platform cannot import, with imitations of what it imports."""

from __future__ import annotations

import builtins
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def load(name: str, given: Mapping[str, Any]) -> Any:
    """Return a fresh copy of a module, made from its own source; what is `given` is what it imports."""
    spec = find_spec(name)
    assert spec
    assert spec.origin
    made: Any = ModuleType(name)
    made.__file__ = spec.origin
    made.__package__ = name if spec.submodule_search_locations else name.rpartition(".")[0]

    def find(wanted: str, globals: Any = None, locals: Any = None, names: Any = (), level: int = 0) -> Any:  # noqa: A002 - as Python calls it
        if names and f"{'.' * level}{wanted}" in given:
            return given[f"{'.' * level}{wanted}"]
        if not names and wanted in given:
            return given[wanted]
        return __import__(wanted, globals, locals, names, level)

    vars(made)["__builtins__"] = {**vars(builtins), "__import__": find}
    exec(compile(Path(spec.origin).read_text("utf-8"), spec.origin, "exec"), vars(made))
    return made
