"""A file's sentences by key, each table read once something of it is asked for: all of it takes 30 ms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from threading import Lock

_LONG = r'"""(?:\\.|[^\\])*?"""|' + r"'''.*?'''"
_HEADER = re.compile(rf"#[^\n]*|{_LONG}|^\[(?P<name>[A-Za-z0-9_.-]+)\][ \t]*$", re.DOTALL | re.MULTILINE)


class Sentences(Mapping[str, str]):
    """What `flat` returns of a TOML text, without reading all of it first; any thread may ask.

    Raises `tomllib.TOMLDecodeError` once something is asked for of a text that is not TOML.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, str] = {}
        self._unread = _tables(text)
        self._reading = Lock()

    def __getitem__(self, key: str) -> str:
        """Return a sentence; raises `KeyError`."""
        if key not in self._known:
            parts = key.split(".")
            with self._reading:
                for count in range(len(parts)):
                    self._read(".".join(parts[:count]))
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        """Yield every key."""
        with self._reading:
            for name in list(self._unread):
                self._read(name)
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)

    def _read(self, name: str) -> None:
        """Read a table, if there is one of that name and it was not read before."""
        if name not in self._unread:
            return
        import tomllib  # once, and only where something is said

        table = self._unread.pop(name)
        try:
            self._known |= flat(tomllib.loads(table))
        except tomllib.TOMLDecodeError:  # it was cut in the wrong place, or it is wrong
            self._unread.clear()
            self._known = flat(tomllib.loads(self._text))


def _tables(text: str) -> dict[str, str]:
    """Return the text of every table by its name, headers included; what stands before them is of none."""
    headers = [one for one in _HEADER.finditer(text) if one["name"]]
    starts = [0, *(one.start() for one in headers)]
    ends = [*starts[1:], len(text)]
    names = ["", *(one["name"] for one in headers)]
    return {name: text[start:end] for name, start, end in zip(names, starts, ends, strict=True)}


def flat(table: Mapping[str, object], at: str = "") -> dict[str, str]:
    """Return nested tables as one, keys joined by dots."""
    out: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= flat(value, f"{at}{key}.")
        else:
            out[at + key] = str(value)
    return out
