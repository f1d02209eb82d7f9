"""What Koble is made of: the lock, the environment, known vulnerabilities, the bill of materials."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest

import dev
from tools import supply

ROOT = Path(dev.__file__).parent
HASH = "--hash=sha256:" + "ab" * 32
GOOD = f"""# comment
httpx==0.28.1 \\
    {HASH} \\
    {HASH}
colorama==0.4.6 ; sys_platform == 'win32' \\
    {HASH}
"""
HERE = {supply.normal(one.name): one for one in distributions()}


def installed(folder: Path, name: str, version: str = "1", entry_points: str = "", more: str = "") -> None:
    """Put a real distribution's folder where it can be found."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}", "utf-8"
    )
    (info / "entry_points.txt").write_text(entry_points, "utf-8")


def found_in(folder: Path) -> list[Distribution]:
    return list(distributions(path=[str(folder)]))


# The lock


def test_the_lock_and_the_environment_are_in_order() -> None:
    assert supply.faults() == []


def test_a_lock_is_read_whole() -> None:
    httpx, colorama = supply.locked(GOOD)
    assert (httpx.name, httpx.version, len(httpx.hashes), httpx.wanted_here) == ("httpx", "0.28.1", 2, True)
    assert (colorama.marker, colorama.wanted_here) == ("sys_platform == 'win32'", sys.platform == "win32")
    assert list(supply.lock_faults(GOOD)) == []
    text = supply.LOCK.read_text("utf-8")
    assert len(supply.locked(text)) == len(supply.lines(text)) > 50


@pytest.mark.parametrize(
    "line",
    [
        "httpx==0.28.1",
        f"httpx>=0.28 {HASH}",
        f"httpx==0.28.* {HASH[:-1]}",
        f"httpx @ https://example.invalid/httpx.whl {HASH}",
        "--index-url https://example.invalid/simple",
        "--find-links /somewhere",
        "-e .",
        "-r other.txt",
        "httpx==0.28.1 --hash=md5:" + "ab" * 16,
        f"httpx==0.28.1 ; python_version > '3' @ x {HASH}",
    ],
)
def test_a_line_that_could_bring_anything_else_is_a_fault(line: str) -> None:
    (fault,) = supply.lock_faults(f"{GOOD}{line}\n")
    assert line[:20] in fault


def test_a_package_that_is_there_twice_is_a_fault() -> None:
    assert list(supply.lock_faults(GOOD + GOOD)) == ["the lock: httpx is there twice"]


# What must not be there


@pytest.mark.parametrize(
    "name",
    ["keyrings.alt", "keyrings_cryptfile", "keyring-pass", "bitwarden-keyring", "pycrypto", "Simple-Crypt",
     "lazy_importer", "sentry-sdk", "opentelemetry-api", "PySide6-Addons"],
)  # fmt: skip
def test_what_is_forbidden_is_found_however_it_is_written(name: str) -> None:
    (fault,) = supply.forbidden_faults("the environment", ["httpx", name], supply.forbidden())
    assert supply.normal(name) in fault
    assert fault.count(":") >= 2, "and it says why"


def test_what_we_use_is_not_forbidden() -> None:
    names = [one.name for one in supply.locked(supply.LOCK.read_text("utf-8"))]
    assert {"keyring", "cryptography", "secretstorage", "pywin32-ctypes"} <= set(names)
    assert list(supply.forbidden_faults("the lock", names, supply.forbidden())) == []
    assert all(len(reason) > 20 for reason in supply.forbidden().values())


# The environment


def test_a_second_backend_and_a_second_provider_are_found(tmp_path: Path) -> None:
    installed(tmp_path, "keyring", entry_points="[keyring.backends]\nmacOS = keyring.backends.macOS\n")
    assert list(supply.entry_point_faults(found_in(tmp_path))) == []
    installed(tmp_path, "Sneaky.Alt", entry_points="[keyring.backends]\nplain = sneaky\n")
    installed(tmp_path, "koble-more", entry_points="[koble.providers]\nmore = more:PROVIDER\n")
    assert list(supply.entry_point_faults(found_in(tmp_path))) == [
        "the environment: sneaky-alt offers keyring.backends",
        "the environment: koble-more offers koble.providers",
    ]


def test_a_keyring_without_its_backends_is_a_fault(tmp_path: Path) -> None:
    installed(tmp_path, "keyring")
    assert list(supply.entry_point_faults(found_in(tmp_path))) == [
        "the environment: keyring offers no keyring.backends"
    ]


def test_what_is_installed_is_what_is_locked() -> None:
    wanted = supply.locked(GOOD)
    assert list(supply.version_faults(wanted, {"httpx": "0.28.1", "koble": "0.1.0"})) == []
    assert list(supply.version_faults(wanted, {"httpx": "0.27", "evil": "1"})) == [
        "the environment: httpx is 0.27; locked is 0.28.1",
        "the environment: evil is not locked",
    ]
    assert list(supply.version_faults(wanted, {})) == ["the environment: httpx is absent; locked is 0.28.1"]


def test_the_check_ends_as_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert supply.main(["check"]) == 0
    monkeypatch.setattr(supply, "faults", lambda: ["one"])
    assert supply.main(["check"]) == 1
    assert supply.main(["nonsense"]) == 2


# Known vulnerabilities


def answer(*vulnerable: str, skipped: tuple[str, ...] = ()) -> str:
    rows: list[dict[str, object]] = []
    for one in supply.locked(supply.LOCK.read_text("utf-8")):
        if one.name in skipped or "*" in skipped:
            rows.append({"name": one.name, "skip_reason": "could not be audited"})
        else:
            known = [{"id": "CVE-2026-1"}] if one.name in vulnerable else []
            rows.append({"name": one.name, "version": one.version, "vulns": known})
    return json.dumps({"dependencies": rows})


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (answer(), supply.CLEAN, "no known vulnerabilities in"),
        (answer("httpx"), supply.FOUND, "httpx 0.28.1: CVE-2026-1"),
        (answer("httpx", skipped=("anyio",)), supply.FOUND, "NOT AUDITED: 1 of"),
        (answer(skipped=("anyio",)), supply.NOT_AUDITED, "(anyio)"),
        (answer(skipped=("*",)), supply.NOT_AUDITED, "(all of it)"),
        ("", supply.NOT_AUDITED, "not a clean result"),
        ("ERROR: no route", supply.NOT_AUDITED, "(all of it)"),
        ('{"dependencies": []}', supply.NOT_AUDITED, "NOT AUDITED"),
        ("[]", supply.NOT_AUDITED, "NOT AUDITED"),
    ],
    ids=["clean", "known", "known_and_not", "one_not", "unreachable", "silent", "no_json", "none", "odd"],
)  # fmt: skip
def test_silence_is_no_clean_result(
    said: str, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def ask(file: Path) -> str:
        asked.extend(file.read_text("utf-8").splitlines())
        return said

    assert supply.audit(ask) == status
    err = capsys.readouterr().err
    assert told in err
    assert ("no known vulnerabilities" in err) is (status == supply.CLEAN)
    assert "pywin32-ctypes==0.2.3" in asked, "also what is for other platforms"


def test_pip_audit_itself_is_asked_and_understood(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("", "utf-8")
    assert json.loads(supply.run_audit(file))["dependencies"] == []


def test_the_run_of_all_checks_fails_for_known_vulnerabilities_only() -> None:
    (line,) = [
        one
        for one in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
        if "audit" in one and "#" not in one
    ]
    for status, goes_on in ((0, True), (1, False), (2, False), (3, True)):
        script = "set -euo pipefail\n" + line.replace("python3 dev.py audit", f"(exit {status})")
        assert (subprocess.run(["bash", "-c", script], check=False).returncode == 0) is goes_on


# The bill of materials


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the bill as it is written."""
    file = tmp_path_factory.mktemp("bill") / "koble.cdx.json"
    assert supply.main(["sbom", str(file)]) == 0
    return dict(json.loads(file.read_text("utf-8")))


def test_the_bill_lists_all_that_is_locked(made: dict[str, Any]) -> None:
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert made["metadata"]["component"]["name"] == "koble"
    rows = {one["name"]: one for one in made["components"]}
    wanted = {one.name: one for one in supply.locked(supply.LOCK.read_text("utf-8"))}
    assert rows.keys() == wanted.keys()
    for name, one in rows.items():
        assert one["version"] == wanted[name].version
        assert one["purl"] == one["bom-ref"] == f"pkg:pypi/{name}@{one['version']}"
        assert {each["content"] for each in one["hashes"]} == set(wanted[name].hashes)
        assert bool(one.get("licenses")) or name not in HERE, f"{name} says no licence"
    assert "timestamp" not in made["metadata"]


def test_the_same_lock_makes_the_same_bill() -> None:
    assert supply.bill(GOOD, HERE) == supply.bill(GOOD, HERE)
    assert supply.bill(GOOD, HERE) != supply.bill(GOOD.replace("0.28.1", "0.28.2"), HERE)


def test_the_bill_tells_what_runs_from_what_developers_need(made: dict[str, Any]) -> None:
    scopes = {one["name"]: one["scope"] for one in made["components"]}
    runs = {"httpx", "anyio", "keyring", "cryptography", "socksio", "pyside6-essentials", "secretstorage"}
    assert {scopes[name] for name in (*runs, "pywin32-ctypes")} == {"required"}
    assert {scopes[name] for name in ("pytest", "ruff", "pip-audit", "hypothesis")} == {"excluded"}
    below = {one["ref"]: one.get("dependsOn", []) for one in made["dependencies"]}
    (root,) = [refs for ref, refs in below.items() if ref.startswith("pkg:generic/koble@")]
    assert any(ref.startswith("pkg:pypi/httpx@") for ref in root)
    (httpx,) = [refs for ref, refs in below.items() if ref.startswith("pkg:pypi/httpx@")]
    assert any(ref.startswith("pkg:pypi/socksio@") for ref in httpx), "by its extra"


def test_a_bill_that_its_schema_refuses_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "bill", lambda *_: "{}")
    monkeypatch.setattr(supply, "schema_faults", lambda _: "wrong")
    assert supply.main(["sbom", str(tmp_path / "x.json")]) == 1
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("more", "licence"),
    [
        ("License-Expression: MIT\nLicense: other\n", "MIT"),
        ("License: BSD-3-Clause\n", "BSD-3-Clause"),
        (f"License: {'long ' * 40}\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        ("", ""),
    ],
)
def test_a_licence_is_what_a_package_says_in_a_few_words(tmp_path: Path, more: str, licence: str) -> None:
    installed(tmp_path, "some", more=more)
    assert supply.licence(found_in(tmp_path)[0]) == licence
    assert supply.licence(None) == ""
