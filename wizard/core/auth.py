"""Ways to sign a request; one of the three places that take a secret out.

Each is a callable from request to request, which is what httpx takes as `auth`: nothing here needs httpx
before a request is really sent. None shows or compares what it holds.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from wizard.core.secret import Secret

if TYPE_CHECKING:
    import httpx

Auth = Callable[["httpx.Request"], "httpx.Request"]
SOAP = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Bearer:
    """`Authorization: Bearer …`, or another word where the vendor wants one."""

    token: Secret
    word: str = "Bearer"

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign the request."""
        request.headers["Authorization"] = f"{self.word} {self.token.reveal()}"
        return request


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Basic:
    """HTTP Basic; the user name may be a secret too. OAuth 2 wants both `quoted` (RFC 6749, 2.3.1)."""

    user: str | Secret
    password: Secret
    quoted: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign the request."""
        user, password = _text(self.user), self.password.reveal()
        pair = ":".join(quote(one, safe="") if self.quoted else one for one in (user, password))
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return request


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Header:
    """A header with a secret in it."""

    name: str
    value: Secret

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign the request."""
        request.headers[self.name] = self.value.reveal()
        return request


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class JsonBody:
    """A JSON object with secrets in it as the request's body."""

    values: Mapping[str, str | Secret]

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Return the request with its body."""
        body = {name: _text(value) for name, value in self.values.items()}
        return type(request)(
            request.method, request.url, headers=_bare(request), json=body, extensions=request.extensions
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Form:
    """A form with secrets in it as the request's body."""

    values: Mapping[str, str | Secret]

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Return the request with its body."""
        body = {name: _text(value) for name, value in self.values.items()}
        return type(request)(
            request.method, request.url, headers=_bare(request), data=body, extensions=request.extensions
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Soap:
    """A SOAP 1.2 call with secrets among its values, as the request's body."""

    operation: str
    namespace: str
    values: Mapping[str, str | Secret]

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Return the request with its body."""
        from xml.etree import ElementTree as ET

        envelope = ET.Element(f"{{{SOAP}}}Envelope")
        body = ET.SubElement(envelope, f"{{{SOAP}}}Body")
        call = ET.SubElement(body, f"{{{self.namespace}}}{self.operation}")
        for name, value in self.values.items():
            ET.SubElement(call, f"{{{self.namespace}}}{name}").text = _text(value)
        headers = {
            **_bare(request),
            "accept": "application/soap+xml, text/xml",
            "Content-Type": "application/soap+xml; charset=utf-8",
        }
        content = ET.tostring(envelope, encoding="utf-8", xml_declaration=True)
        return type(request)(
            request.method, request.url, headers=headers, content=content, extensions=request.extensions
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Query:
    """Secrets in the address itself: only where a vendor knows no other way. It is never logged."""

    values: Mapping[str, str | Secret]

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Return the request with its query."""
        request.url = request.url.copy_merge_params({k: _text(v) for k, v in self.values.items()})
        return request


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PathTail:
    """A secret as the last part of the address, for the same kind of vendor."""

    value: Secret

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Return the request with its path made whole."""
        tail = quote(self.value.reveal(), safe="").encode()
        path, mark, query = request.url.raw_path.partition(b"?")
        request.url = request.url.copy_with(raw_path=path + tail + mark + query)
        return request


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Both:
    """Two ways at once: a key for the gateway and one for what is behind it."""

    first: Auth
    second: Auth

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Sign the request twice."""
        return self.second(self.first(request))


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _bare(request: httpx.Request) -> dict[str, str]:
    body_headers = {"content-length", "content-type", "transfer-encoding"}
    return {name: value for name, value in request.headers.items() if name not in body_headers}
