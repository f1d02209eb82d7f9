"""How a preset and all that it extends are read as one, each part as far as somebody vouches for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.core.errors import BadInput, SignatureInvalid
from wizard.core.policy import is_trusted
from wizard.core.preset import NEUTRAL_VALUES, Preset, body_in, made
from wizard.core.preset_files import bundled
from wizard.core.signed import PRESET, is_signed, verified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from wizard.core.signed import Signers

DEEPEST = 4
"""How many presets may extend one another."""

_HARMLESS = ("language", "offer", "extends")
_NEIGHBOUR = re.compile(r"[A-Za-z0-9][\w.-]{0,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A preset as it lies there; `sure` where it needs no signature, since only `owner` can change it."""

    file: Path
    sure: bool = False
    owner: int = 0

    @property
    def folder(self) -> Path:
        """Where its logo and what it extends lie."""
        return self.file.parent

    def neighbour(self, name: str) -> Source:
        """Return a file beside it, which is as sure as this one where nobody else can change it either."""
        file = self.folder / name
        return replace(self, file=file, sure=self.sure and is_trusted(file.stat(), self.owner))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one file of a chain says, as far as it counts; `vouched` where a signature or the program does.

    `signs_for` is the only partner whose presets its signer may sign.
    """

    body: Mapping[str, Any]
    signer: str = ""
    signs_for: str = ""
    ignored: tuple[str, ...] = ()
    vouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads presets, each as far as `unsigned` lets where nobody signed it."""

    signers: Signers
    unsigned: str

    def whole(self, source: Source) -> Preset:
        """Return a preset with all that it extends; raises `BadInput` or `SignatureInvalid`."""
        chain = list(self._chain(source))
        body: dict[str, Any] = {}
        for part in reversed(chain):
            body = merged(body, part.body)
        partner = str(body.get("partner", ""))
        if {part.signs_for for part in chain} - {"", partner}:  # one bank's name, and another's keys
            raise SignatureInvalid(reason="other_partner", partner_said=partner)
        ignored = tuple(dict.fromkeys(name for part in chain for name in part.ignored))
        return _with_neutral(
            replace(made(body), signer=next((one.signer for one in chain if one.signer), ""), ignored=ignored)
        )

    def _chain(self, source: Source) -> Iterator[_Part]:
        """Yield the parts from the first to the one that extends none."""
        seen: list[Path] = []
        vouched = False
        while True:
            if source.file.resolve() in seen:
                raise BadInput(reason="preset_extends_loop", file=source.file.name)
            if len(seen) >= DEEPEST:
                raise BadInput(reason="preset_extends_deep", most=DEEPEST)
            seen.append(source.file.resolve())
            part = self._part(source)
            if vouched and not part.vouched:
                raise BadInput(reason="preset_extends_unsigned", file=source.file.name)
            vouched = vouched or part.vouched
            yield part
            if "extends" not in part.body:
                return
            source = _extended(str(part.body["extends"]), source)

    def _part(self, source: Source) -> _Part:
        """Return what one file says; it is checked by itself, whatever of it counts."""
        name, text = source.file.name, _text(source.file)
        if not is_signed(text):
            body = body_in(text, name)
            preset = made(body, source.folder)
            body = {**body, "logo": preset.logo.address} if preset.logo else body
            return _Part(body=body, vouched=True) if source.sure else self._allowed(body, preset)
        signed = verified(text, self.signers, PRESET)
        body = body_in(signed.text, name)
        preset = made(body)
        if signed.signer.partner not in {"", preset.partner}:
            raise SignatureInvalid(reason="other_partner", partner_said=preset.partner)
        signer = signed.signer
        return _Part(body=body, signer=signer.kid, signs_for=signer.partner, vouched=True)

    def _allowed(self, body: Mapping[str, Any], preset: Preset) -> _Part:
        """Return what may be taken from a preset that nobody signed, and the names of what was left out.

        A look-alike must neither name itself as the bank nor lead anything to somebody else.
        """
        if self.unsigned == "all":
            return _Part(body=body)
        if self.unsigned == "practice":
            cut = {name: value for name, value in body.items() if name != "handover"}
            return _Part(body=cut, ignored=("handover",) if preset.seal_keys or preset.upload else ())
        kept = {name: value for name, value in body.items() if name in _HARMLESS}
        ways = {slug: {"method": rows["method"]} for slug, rows in preset.values.items() if "method" in rows}
        return _Part(body={**kept, "systems": ways}, ignored=tuple(_left_out(body, preset)))


def _left_out(body: Mapping[str, Any], preset: Preset) -> Iterator[str]:
    """Yield the names of all that a preset sets and an unsigned one may not."""
    yield from (name for name, value in body.items() if value and name not in {*_HARMLESS, "systems"})
    for slug, rows in preset.values.items():
        yield from (f"systems.{slug}.{name}" for name in rows if name != "method")


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two tables as one: tables are joined, anything else of `above` takes the other's place."""
    joined = {
        name: merged(below[name], value)
        for name, value in above.items()
        if isinstance(value, dict) and isinstance(below.get(name), dict)
    }
    return {**below, **above, **joined}


def _with_neutral(preset: Preset) -> Preset:
    """Return the preset; where it does not say who its partner is, integrations are called as in practice."""
    if preset.partner:
        return preset
    slugs = {*NEUTRAL_VALUES, *preset.values}
    values = {one: {**NEUTRAL_VALUES.get(one, {}), **preset.values.get(one, {})} for one in slugs}
    return replace(preset, values=values)


def _extended(name: str, by: Source) -> Source:
    """Return what a preset extends: one of the program's by its name, else a file beside it."""
    if found := bundled(name):
        return Source(file=found, sure=True)
    if not _NEIGHBOUR.fullmatch(name) or not (by.folder / name).is_file():
        raise BadInput(reason="preset_extends_absent", name=name[:80])
    return by.neighbour(name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError:
        raise BadInput(reason="preset_unreadable", file=file.name) from None
    except UnicodeDecodeError:
        raise BadInput(reason="preset_not_toml", file=file.name) from None
