"""What Koble is made of: `python -m tools.supply check | audit | sbom FILE`, from the root of a checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
import uuid
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "packaging" / "requirements.lock"
FORBIDDEN = ROOT / "packaging" / "forbidden.toml"

CLEAN, FOUND, NOT_AUDITED = 0, 1, 3
"""The statuses: nothing wrong; something wrong; nobody could be asked, so that nothing is known."""

PATIENCE = 300
"""How long the service may take to answer for all of them, in seconds."""

UNLOCKED = {"koble", "setuptools"}
"""What is there besides the lock: the checkout itself, and what Python 3.11 puts in every environment."""

BACKENDS, PROVIDERS = "keyring.backends", "koble.providers"

_PINNED = re.compile(
    r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][^\s;@/\\]*)"
    r"(?: ; (?P<marker>[^;@]+?))?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One line of the lock: a package in one version, for some platforms, as these files and no others."""

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()

    @property
    def wanted_here(self) -> bool:
        """Whether it is meant for this platform and this Python."""
        return not self.marker or Marker(self.marker).evaluate()


def normal(name: str) -> str:
    """Return a name in the one form in which indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


# The lock


def lines(text: str) -> list[str]:
    """Return the lines of a lock without comments, each whole."""
    whole = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [line.strip() for line in whole if line.strip() and not line.lstrip().startswith("#")]


def locked(text: str) -> list[Locked]:
    """Return what is locked; a line that is no pinned requirement with hashes is left out (`lock_faults`)."""
    return [
        Locked(
            name=found["name"],
            version=found["version"],
            marker=found["marker"] or "",
            hashes=tuple(found["hashes"].replace(" --hash=sha256:", " ").split()),
        )
        for found in map(_PINNED.fullmatch, lines(text))
        if found
    ]


def lock_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with a lock: options, addresses, versions that are not fixed, hashes that lack."""
    for line in lines(text):
        if not _PINNED.fullmatch(line):
            yield f"the lock: not a fixed version with hashes and no address: {line[:80]}"
    unconditional = [one.name for one in locked(text) if not one.marker]
    for name in sorted({name for name in unconditional if unconditional.count(name) > 1}):
        yield f"the lock: {name} is there twice"


# What must not be there


def forbidden(file: Path = FORBIDDEN) -> dict[str, str]:
    """Return why something is forbidden, by the pattern of its name."""
    rows = tomllib.loads(file.read_text("utf-8"))["forbidden"]
    return {pattern: row["why"] for row in rows for pattern in row["names"]}


def forbidden_faults(where: str, names: Iterable[str], why: Mapping[str, str]) -> Iterator[str]:
    """Yield what is there that must not be."""
    for name in sorted(map(normal, names)):
        for pattern, reason in why.items():
            if fnmatchcase(name, pattern):
                yield f"{where}: {name} is forbidden: {reason}"


# The environment


def offers(group: str, installed: Iterable[Distribution]) -> set[str]:
    """Return the distributions that offer something to a group of entry points."""
    return {normal(one.name) for one in installed if one.entry_points.select(group=group)}


def entry_point_faults(installed: Sequence[Distribution]) -> Iterator[str]:
    """Yield who offers a keychain backend besides keyring, or a system besides our own folders."""
    for group, ours in ((BACKENDS, {"keyring"}), (PROVIDERS, set[str]())):
        for name in sorted(offers(group, installed) - ours):
            yield f"the environment: {name} offers {group}"
    if "keyring" not in offers(BACKENDS, installed):
        yield f"the environment: keyring offers no {BACKENDS}"


def version_faults(wanted: Sequence[Locked], installed: Mapping[str, str]) -> Iterator[str]:
    """Yield where the environment is not what is locked."""
    here = {one.name: one.version for one in wanted if one.wanted_here}
    for name, version in here.items():
        found = installed.get(name)
        if found != version:
            yield f"the environment: {name} is {found or 'absent'}; locked is {version}"
    for name in sorted(installed.keys() - here.keys() - UNLOCKED):
        yield f"the environment: {name} is not locked"


def faults() -> list[str]:
    """Return all that is wrong with what we are made of."""
    text, why = LOCK.read_text("utf-8"), forbidden()
    wanted, installed = locked(text), list(distributions())
    found = {normal(one.name): one.version for one in installed}
    return [
        *lock_faults(text),
        *forbidden_faults("the lock", [one.name for one in wanted], why),
        *forbidden_faults("the environment", found, why),
        *entry_point_faults(installed),
        *version_faults(wanted, found),
    ]


def check() -> int:
    """Say all that is wrong, or that nothing is."""
    found = faults()
    say(*found or ("what is locked is installed, and nothing else",))
    return FOUND if found else CLEAN


# Known vulnerabilities


def run_audit(requirements: Path) -> str:
    """Return what pip-audit answers, as JSON; an empty text where it could not ask."""
    options = [
        "--no-deps",
        "--disable-pip",
        "--progress-spinner=off",
        "--format=json",
        "-r",
        str(requirements),
    ]
    with suppress(subprocess.TimeoutExpired):
        return subprocess.run(
            [sys.executable, "-m", "pip_audit", *options],
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
        ).stdout
    return ""


def audit(ask: Callable[[Path], str] = run_audit) -> int:
    """Ask for known vulnerabilities of all that is locked, for every platform; an answer for none is not all.

    pip-audit says "no known vulnerabilities" and ends well even where it could look nothing up.
    """
    wanted = locked(LOCK.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("".join(f"{one.name}=={one.version}\n" for one in wanted), "utf-8")
        answer = answered(ask(file))
    known = {name for name, row in answer.items() if "vulns" in row}
    found = [(name, row) for name, row in answer.items() if row.get("vulns")]
    unknown = sorted({one.name for one in wanted} - known)
    for name, row in found:
        say(f"{name} {row['version']}: {', '.join(one['id'] for one in row['vulns'])}")
    if unknown:
        listed = ", ".join(unknown) if known else "all of it"
        say("*" * 72, f"NOT AUDITED: {len(unknown)} of {len(wanted)} packages ({listed}).")
        say("The service that knows of vulnerabilities did not answer. This is not a clean result.", "*" * 72)
    if not found and not unknown:
        say(f"no known vulnerabilities in {len(wanted)} packages")
    return FOUND if found else NOT_AUDITED if unknown else CLEAN


def answered(text: str) -> dict[str, dict[str, Any]]:
    """Return what is known of each package, by name; nothing where there is no answer."""
    try:
        rows = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {normal(row["name"]): row for row in rows}


# The bill of materials


def requirements_of(one: Distribution) -> list[Requirement]:
    """Return what a distribution says it needs, whatever the platform."""
    return [Requirement(text) for text in one.requires or ()]


def needs(
    name: str, extras: frozenset[str], installed: Mapping[str, Distribution]
) -> dict[str, frozenset[str]]:
    """Return what a package needs with these extras, each with the extras it is needed with."""
    found: dict[str, frozenset[str]] = {}
    for one in requirements_of(installed[name]) if name in installed else ():
        extra = re.search(r"""extra == ['"]([^'"]+)""", str(one.marker or ""))
        if not extra or normal(extra[1]) in extras:
            key = normal(one.name)
            found[key] = found.get(key, frozenset()) | {normal(each) for each in one.extras}
    return found


def used(installed: Mapping[str, Distribution]) -> frozenset[str]:
    """Return what the program itself needs, directly or not; the rest of the lock is for developers."""
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [("koble", frozenset[str]())]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += needs(*one, installed).items()
    return frozenset(name for name, _ in seen) - {"koble"}


def licence(one: Distribution | None) -> str:
    """Return what an installed distribution says its licence is, if it says so in a few words."""
    if not one:
        return ""
    fields = {name: one.metadata[name] for name in one.metadata}
    said = fields.get("License-Expression") or fields.get("License") or ""
    classified = [each for each in one.metadata.get_all("Classifier") or () if each.startswith("License ::")]
    short = said if 0 < len(said) <= 80 and "\n" not in said else ""
    return short or (classified[0].rpartition(":: ")[2] if classified else "")


def bill(text: str, installed: Mapping[str, Distribution]) -> str:
    """Return the bill of materials of a lock as CycloneDX JSON: the same for the same lock and licences."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import ComponentScope, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    rows, runs = locked(text), used(installed)
    root = component("koble", installed["koble"].version, installed, kind=ComponentType.APPLICATION)
    parts = {
        one.name: component(
            one.name,
            one.version,
            installed,
            hashes=one.hashes,
            scope=ComponentScope.REQUIRED if one.name in runs else ComponentScope.EXCLUDED,
        )
        for one in rows
    }
    bom = Bom(components=parts.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, text))
    bom.metadata.component = root
    bom.metadata.timestamp = None  # type: ignore[assignment]  # when it was made says nothing of what is in it
    relate(bom, root, parts, installed)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2) + "\n"


def relate(
    bom: Bom, root: Component, parts: Mapping[str, Component], installed: Mapping[str, Distribution]
) -> None:
    """Note which package needs which, as far as that is known: what is not installed here does not say."""
    extras = {name: frozenset[str]() for name in parts}
    for name in ("koble", *used(installed)):
        for needed, wanted in needs(name, frozenset(), installed).items():
            extras[needed] = extras.get(needed, frozenset()) | wanted
    for name, one in {"koble": root, **parts}.items():
        below = needs(name, extras.get(name, frozenset()), installed)
        bom.register_dependency(one, [parts[each] for each in sorted(below) if each in parts])


def component(
    name: str, version: str, installed: Mapping[str, Distribution], *, hashes: Sequence[str] = (), **more: Any
) -> Component:
    """Return a package as a row of the bill."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    said = licence(installed.get(name))
    purl = PackageURL("generic" if name == "koble" else "pypi", name=name, version=version)
    return Component(
        name=name,
        version=version,
        purl=purl,
        bom_ref=str(purl),
        type=more.pop("kind", ComponentType.LIBRARY),
        licenses=[LicenseFactory().make_from_string(said)] if said else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
        **more,
    )


def schema_faults(text: str) -> str | None:
    """Return what the schema has against a bill; None where nothing, or nobody could tell."""
    from cyclonedx.exception import MissingOptionalDependencyException
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    try:
        fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    except MissingOptionalDependencyException:
        return None
    return str(fault) if fault else None


def write_bill(file: Path) -> int:
    """Write the bill of materials; not where its schema has something against it."""
    text = bill(LOCK.read_text("utf-8"), {normal(one.name): one for one in distributions()})
    if fault := schema_faults(text):
        say(f"the bill is not what its schema asks for: {fault}")
        return FOUND
    file.write_text(text, "utf-8", newline="\n")
    say(f"{file}: {len(locked(LOCK.read_text('utf-8')))} components")
    return CLEAN


def say(*texts: str) -> None:
    """Write lines to standard error."""
    print(*texts, sep="\n", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; return the status."""
    match list(arguments):
        case ["check"]:
            return check()
        case ["audit"]:
            return audit()
        case ["sbom", file]:
            return write_bill(Path(file))
    say(str(__doc__))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
