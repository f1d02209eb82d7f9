"""Which preset counts: a file, one that comes with the program, or the machine's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.core import paths
from wizard.core.errors import BadInput
from wizard.core.policy import is_trusted
from wizard.core.preset import Preset, body_in, made

if TYPE_CHECKING:
    from wizard.core.signed import Signers

UNSIGNED = ("harmless", "practice", "all")
"""What is taken from a preset that nobody signed: next to nothing, all but the keys to seal to, or all."""

MACHINES = "preset.toml"
"""The name of the machine's own preset, beside its policy; it may be signed."""

_BUNDLED = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LOGO_LINE = re.compile(r"""(?m)^[ \t]*logo[ \t]*=[ \t]*(?:"[^"\n]*"|'[^'\n]*')""")


def bundled(name: str) -> Path | None:
    """Return the preset of that name that comes with the program, and needs no signature; None for none."""
    file = paths.resources() / "presets" / f"{name}.toml"
    return file if _BUNDLED.fullmatch(name) and file.is_file() else None


def bundled_names() -> tuple[str, ...]:
    """Return the names of the presets that come with the program."""
    return tuple(sorted(one.stem for one in (paths.resources() / "presets").glob("*.toml")))


def read_preset(file: Path, signers: Signers | None = None, *, unsigned: str = "harmless") -> Preset:
    """Read a preset, signed by one of `signers` or not at all; raises `BadInput` naming what is wrong.

    `unsigned` is how much is taken from one that nobody signed, one of `UNSIGNED`. Raises `SignatureInvalid`
    for one that is signed, but by nobody known or not for this.
    """
    from wizard.core.preset_chain import Reader, Source  # most machines have none, and need not pay for it

    return Reader(signers=signers or {}, unsigned=unsigned).whole(Source(file=file))


def open_preset(wish: str = "", *, practice: bool, folder: Path | None = None, owner: int = 0) -> Preset:
    """Return the preset that counts; a neutral one where there is none. Raises as above.

    `wish` is a file, or the name of one that comes with the program; without it the machine's own counts,
    which lies beside its policy (`folder`) and is its administrator's (`owner`): it needs no signature.
    Unsigned, all of a file counts in a checkout, whose code its user can change anyway; in practice all but
    the keys to seal to; once installed, next to nothing.
    """
    ours = bundled(wish) if wish else None
    file = ours or (Path(wish) if wish else _machines(folder, owner))
    if not file:
        return Preset()
    from wizard.core.preset_chain import Reader, Source
    from wizard.core.signed import trusted

    source = Source(file=file, sure=bool(ours or not wish), owner=0 if wish else owner)
    unsigned = "all" if paths.is_checkout() else "practice" if practice else "harmless"
    return Reader(signers=trusted(), unsigned=unsigned).whole(source)


def _machines(folder: Path | None, owner: int) -> Path | None:
    """Return the machine's own preset, or None; raises `BadInput` where others may write it."""
    file = (folder or paths.policy().parent) / MACHINES
    try:
        found = file.stat()
    except OSError:
        return None
    if not is_trusted(found, owner):
        raise BadInput(reason="policy_not_trusted", file=str(file))
    return file


def self_contained(text: str, file: Path) -> str:
    """Return a preset's text with its logo as data in it, fit to be signed; raises `BadInput`."""
    body = body_in(text, file.name)
    logo = made(body, file.parent).logo
    if not logo or str(body["logo"]).startswith("data:"):
        return text
    whole = _LOGO_LINE.sub(f'logo = "{logo.address}"', text, count=1)
    if body_in(whole, file.name) != {**body, "logo": logo.address}:
        raise BadInput(reason="preset_logo_unreadable", file=str(body["logo"]))
    return whole
