"""The command line, in this process or as one of its own, and what it wrote."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.conftest import line_of, running
from wizard import cli
from wizard.core.practice import practice_of
from wizard.core.registry import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

KOBLE = [sys.executable, "-P", "-m", "wizard"]
PROVIDERS = built_in().providers
EXPECT = "313000028"


@dataclass
class Ended:
    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> dict[str, object]:
        return self.events[-1]


class Command:
    """Runs `koble` in this process, as `main` does, with bytes on standard input."""

    def __init__(self, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capture, self._patch = capfdbinary, monkeypatch

    def __call__(self, *arguments: str, given: object = None) -> Ended:
        data = given if isinstance(given, bytes) else json.dumps(given).encode()
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self._capture.readouterr()
        status = cli.main(arguments)
        out, err = self._capture.readouterr()
        return Ended(status, out.decode(), err.decode())


def run(*arguments: str, given: object = b"", timeout: float = 40.0, **environ: str) -> Ended:
    """Run `koble` as a process of its own."""
    ended = subprocess.run(
        [*KOBLE, *arguments],
        input=given if isinstance(given, bytes) else json.dumps(given).encode(),
        capture_output=True,
        env={**os.environ, **environ},
        check=False,
        timeout=timeout,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[Path]:
    """Serve the practice vendors in a process of their own; yield the endpoints file."""
    command = [*KOBLE, "practice", "--serve", *arguments]
    with running(command, os.environ, stdout=subprocess.PIPE) as process:
        lines = [line_of(process.stdout)]
        assert process.stdout
        while lines[-1].strip() or len(lines) < expected_lines():
            lines.append(process.stdout.readline())
        file = folder / "endpoints.toml"
        file.write_text("".join(lines), "utf-8")
        yield file


def expected_lines() -> int:
    tables = [len(env.endpoints) + 2 for one in PROVIDERS.values() for env in one.environments]
    return sum(tables)


def good(slug: str) -> dict[str, object]:
    return dict(practice_of(PROVIDERS[slug]).good)


def secrets_in(wish: Mapping[str, object]) -> list[str]:
    """Return every secret of a wish in the forms in which it may leak."""
    every = [one for known in PROVIDERS.values() for one in (*known.every_field, *known.partner_keys)]
    secret = {one.name for one in every if one.secret}
    parts = (wish.get("answers", {}), wish.get("partner", {}))
    values = [part[name] for part in parts if isinstance(part, dict) for name in secret & part.keys()]
    return [form for value in values if isinstance(value, str) for form in forms(value)]


def forms(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode()).decode()
    return {
        value,
        quote(value, safe=""),
        encoded.rstrip("="),
        base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    }


def written() -> str:
    """Return all that was written anywhere in this test's home."""
    files = [file for file in Path(os.environ["HOME"]).rglob("*") if file.is_file()]
    return "\n".join(f"{file}\n{file.read_text('utf-8', 'replace')}" for file in files)
