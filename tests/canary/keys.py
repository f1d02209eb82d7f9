"""Canaries in the form of each field, and vendors that take them, or say them back."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from tests.canary.search import Canary
from tests.providers.helpers import asks, by_method, table
from wizard.core.practice import Playground
from wizard.core.registry import built_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.providers.helpers import Given
    from wizard.core.practice import Asked, Reply
    from wizard.core.provider import Provider

PROVIDERS = built_in().providers
ODD = "+/&<\"'%=~"
"""Characters that encodings treat each in its own way."""


def run(length: int = 16) -> str:
    """Return what is found nowhere else: digits and letters of a hexadecimal number."""
    return secrets.token_hex(length // 2)


def guid() -> tuple[str, tuple[str, ...]]:
    one = run(32)
    whole = "-".join((one[:8], one[8:12], one[12:16], one[16:20], one[20:]))
    return whole, (whole,)


def bare(length: int) -> tuple[str, tuple[str, ...]]:
    one = run(length)
    return one, (one,)


def dressed(before: str, after: str = "") -> tuple[str, tuple[str, ...]]:
    one = run()
    return f"{before}{one}{after}", (one,)


def tripletex() -> tuple[str, tuple[str, ...]]:
    inner, _ = guid()
    text = json.dumps({"tokenId": 2913, "token": inner}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode(), (inner,)


def xledger() -> tuple[str, tuple[str, ...]]:
    one = run(40)
    return base64.urlsafe_b64encode(f"Practice key: {one}".encode()).decode().rstrip("="), (one,)


FORMS: Mapping[str, Callable[[], tuple[str, tuple[str, ...]]]] = {
    "fiken.token": lambda: dressed("73195.", ODD),
    "poweroffice.client_key": guid,
    "poweroffice.application_key": guid,
    "poweroffice.subscription_key": lambda: bare(32),
    "tripletex.employee_token": tripletex,
    "tripletex.consumer_token": tripletex,
    "xledger.api_token": xledger,
    "xledger.password": lambda: dressed("øv «", "» & <7>'\""),
    "business_nxt.client_id": lambda: dressed("isv_"),
    "business_nxt.client_secret": lambda: dressed("b/", f":{ODD}"),
    "visma_net.client_id": lambda: dressed("isv_"),
    "visma_net.client_secret": lambda: dressed("Zr4!", ODD),
}
"""A secret of each field's own form; a field that has none here fails a test."""


def canary(slug: str, name: str) -> Canary:
    value, parts = FORMS[f"{slug}.{name}"]()
    return Canary(f"{slug}.{name}", value, parts)


@dataclass(frozen=True)
class Planted:
    """An input with a canary in every secret field; `real` maps each to what the imitation takes."""

    provider: Provider
    given: Given
    real: Mapping[str, str]
    canaries: tuple[Canary, ...]

    @property
    def label(self) -> str:
        method = table(self.given, "answers").get("method", "")
        return f"{self.provider.slug} {method}".strip()


def planted(provider: Provider, given: Given) -> Planted:
    """Return the input with canaries in place of its secrets."""
    fields = {one.name for one in (*provider.every_field, *provider.partner_keys) if one.secret}
    real: dict[str, str] = {}
    made: list[Canary] = []
    changed = dict(given)
    for part in ("answers", "partner"):
        values = table(given, part)
        for name in [one for one in values if one in fields]:
            made.append(canary(provider.slug, name))
            real[made[-1].value] = str(values[name])
            values = {**values, name: made[-1].value}
        changed |= {part: values} if values else {}
    return Planted(provider, changed, real, tuple(made))


def ways() -> list[Planted]:
    """Return one input for each way in that has a secret."""
    every = [planted(one, given) for one in PROVIDERS.values() for given in by_method(one)]
    return [one for one in every if one.canaries and asks(one.provider, one.given)]


WRITTEN: tuple[Callable[[str], str], ...] = (
    str,
    lambda one: quote(one, safe=""),
    quote_plus,
    lambda one: json.dumps(one)[1:-1],
    lambda one: json.dumps(one, ensure_ascii=False)[1:-1],
    escape,
)


class Taking(Playground):
    """Imitations that take the canaries in place of their own keys; with `echo` they say them all back."""

    def __init__(self, *planted: Planted, echo: bool = False) -> None:
        super().__init__({one.provider.slug: one.provider for one in planted})
        self.planted, self.echo = planted, echo
        self.heard: set[str] = set()

    def answer(self, slug: str, asked: Asked) -> Reply:
        mine = [one for one in self.planted if one.provider.slug == slug]
        real = {key: value for one in mine for key, value in one.real.items()}
        self._hear(asked)
        reply = super().answer(slug, translated(asked, real))
        return said_back(reply, list(real)) if self.echo else reply

    def _hear(self, asked: Asked) -> None:
        """Remember what a request was signed with: a session's key is a secret too."""
        signed = asked.headers.get("authorization", "").partition(" ")[2]
        self.heard |= {signed} if len(signed) > PASSABLE else set()

    def sessions(self) -> tuple[Canary, ...]:
        """Return what was heard, as canaries."""
        return tuple(Canary("session", one, (one,)) for one in sorted(self.heard))


PASSABLE = 12


def translated(asked: Asked, real: Mapping[str, str]) -> Asked:
    """Return the request as one who has the imitation's own keys would send it."""

    def text(one: str) -> str:
        for key, value in real.items():
            for write in WRITTEN:
                one = one.replace(write(key), write(value))
        return one

    def header(one: str) -> str:
        word, _, rest = one.partition(" ")
        if word != "Basic":
            return text(one)
        return f"Basic {base64.b64encode(text(base64.b64decode(rest).decode()).encode()).decode()}"

    return replace(
        asked,
        path=text(asked.path),
        query={name: text(value) for name, value in asked.query.items()},
        headers={name: header(value) for name, value in asked.headers.items()},
        body=text(asked.body.decode()).encode(),
    )


NAMES = {"name", "displayname", "clientname", "legalname", "description", "message", "developermessage"}
NAMES |= {"error_description", "title", "detail", "exceptionmessage", "vismanetcompanyname"}


def said_back(reply: Reply, keys: list[str]) -> Reply:
    """Return the answer with every key in its headers, in names and in messages."""
    every = " ".join(keys)
    safe = "".join(mark for mark in every if mark.isascii())
    headers = {
        "X-Request-ID": keys[0],
        "Ipp-Request-Id": keys[-1],
        "WWW-Authenticate": f'Basic realm="{safe}"',
    }
    headers = {name: "".join(mark for mark in value if mark.isascii()) for name, value in headers.items()}
    if "Location" in reply.headers:
        headers["Location"] = f"https://{quote(keys[0], safe='')}.example/{quote(every)}"
    spoken = b"<html" in reply.body or b"Fault" in reply.body
    body = reply.body.replace(b"</", escape(every).encode() + b"</") if spoken else reply.body
    return replace(reply, json=_echoed(reply.json, every), body=body, headers={**reply.headers, **headers})


def _echoed(value: object, said: str) -> object:
    if isinstance(value, dict):
        return {
            name: f"Kunde {said} AS" if name.lower() in NAMES and isinstance(one, str) else _echoed(one, said)
            for name, one in value.items()
        }
    return [_echoed(one, said) for one in value] if isinstance(value, list) else value
