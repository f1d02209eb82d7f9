"""docs/diagnosis.md, made from the planted faults and the sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import wizard
from tests.faults.table import FAULTS, Fault
from wizard.core import errors
from wizard.core.preset import Preset
from wizard.core.registry import built_in
from wizard.core.texts import Texts

if TYPE_CHECKING:
    from wizard.core.errors import WizardError

PAGE = Path(wizard.__file__).parent.parent / "docs" / "diagnosis.md"
EXAMPLE = {
    "host": "api.fiken.no",
    "port": 443,
    "proxy": "proxy.example:8080",
    "proxy_from": "system",
}
"""What a real walk would know of itself; a fault's own facts go before these."""

SHOWN = ("reason", "issuer", "portal", "amount", "sign_in", "seconds")
SAYS: dict[type[WizardError], str] = {
    errors.InputError: "Koble, before anything is sent",
    errors.AnswerError: "the vendor’s answer",
    errors.ReachError: "the network",
    errors.CompanyError: "Koble, of the companies found",
    errors.VaultError: "the keychain",
    errors.LedgerError: "the list of connections",
    errors.DeliveryFailed: "the partner’s own command",
    errors.Cancelled: "the customer",
}
HEAD = """\
# Diagnosis

What goes wrong on the way to a vendor, which code it ends in, with whom it lies, and what the customer reads.
Made by `python -m tests.faults > docs/diagnosis.md` from the faults that the tests plant on real sockets, and
from the sentences; a test fails where this page is stale.

One request tells most: the stages `input`, `name`, `connection`, `proxy`, `tls`, `vendor`, `sign_in`,
`company`, `rights` and `sample` come from what it went through, each with milliseconds. Only where the vendor
was not reached is there a closer look, of four seconds at most and within the walk’s deadline. It sends
nothing secret, and nothing that it finds is trusted:

- Does another host take a connection (`data.brreg.no`, port 443; nothing is sent)? Tells the network from
  this one vendor.
- Who issued the certificate (the vendor’s port; nothing is sent, and the certificate is not accepted)? Tells
  who inspects the traffic.
- What time is it, and where are we sent (the vendor’s host, port 80; a `HEAD /` without any key)? Tells a
  wrong clock and a guest network.
- Is the proxy there? Where one is set, the other three are left out.

`whose` is `customer`, `it` (the customer’s IT support), `vendor`, `partner` or `us`. Where it is `it`, the
window has a button, and the command line a text, with what IT support needs: host, port, address, issuer, the
proxy and who set it, and which hosts to open for.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_planted(), "", *_codes(), ""])


_OFFLINE = (
    "Three of the usual faults cannot be planted on a socket, since they are stopped before anything is",
    "sent. A line break within a key is refused (`field_invalid`) or taken out, letters that no header can",
    "hold are refused (the contract suite tries both in every field of every system), and an address that is",
    "none never gets in: addresses are the provider’s own, or checked in the endpoints file (`bad_input`).",
)


def _planted() -> list[str]:
    rows = (_row(fault) for fault in FAULTS)
    head = ("planted", "code", "stage", "whose", "the customer reads", "next")
    return ["## Planted faults", "", *_table(head, rows), "", *_OFFLINE]


def _row(fault: Fault) -> tuple[str, ...]:
    kind = next(one for one in errors.every_error() if one.code == fault.code)
    texts = Texts(language="en", preset=Preset(partner="the bank"))
    own = {name: fault.facts[name] for name in SHOWN if name in fault.facts}
    said = texts.explain(kind({**EXAMPLE, **own}), built_in().providers["fiken"])  # type: ignore[dict-item]
    named = f"`{fault.code}` {own['reason']}" if "reason" in own else f"`{fault.code}`"
    return fault.planted, named, fault.stage, fault.whose, f"{said.what} {said.why}", said.next


def _codes() -> list[str]:
    rows = (
        (f"`{one.code}`", str(one.status), one.default_stage or "–", one.whose, _says(one))
        for one in errors.every_error()
    )
    return ["## Every code", "", *_table(("code", "status", "stage", "whose", "who says it"), rows)]


def _says(kind: type[WizardError]) -> str:
    return next(says for base, says in SAYS.items() if issubclass(kind, base))


def _table(head: tuple[str, ...], rows: object) -> list[str]:
    lines = [" | ".join(row) for row in rows]  # type: ignore[attr-defined]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {line} |" for line in lines)]
