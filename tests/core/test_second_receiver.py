"""A second receiver, from docs/handover.md alone: takes an upload, opens it and makes a reply code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import anyio
import pytest
from jwcrypto import jwe, jwk  # type: ignore[import-untyped]

from tests.core.sealing import CANARY, KEY, a_handover
from wizard.core import reply
from wizard.core.handover import armoured, file_name, seal
from wizard.core.keys import public
from wizard.core.net import Net
from wizard.core.reply import Outcome
from wizard.core.sending import Sealed
from wizard.core.upload import upload

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "typ": "koble+jwe", "cty": "koble+json"}


class Receiver(BaseHTTPRequestHandler):
    """Keeps the first of each id and answers as the page says; `kept` is by id."""

    kept: dict[str, bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        number = self.headers["Idempotency-Key"]
        assert self.headers["Content-Type"] == "application/jose"
        status = 409 if number in self.kept else 201
        self.kept.setdefault(number, body)
        said = json.dumps({"id": number}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def opened(token: str) -> dict[str, Any]:
    """Return what is on the inside; anything but the one header there is fails."""
    box = jwe.JWE(algs=["ECDH-ES+A256KW", "A256GCM"])
    box.deserialize(token)
    header = json.loads(box.objects["protected"])
    assert header.keys() == {*HEADER, "kid", "epk"}
    assert {name: header[name] for name in HEADER} == HEADER
    assert header["kid"] == KEY["kid"]
    box.decrypt(jwk.JWK(**KEY))
    body: dict[str, Any] = json.loads(box.payload)
    return body


def code(body: dict[str, Any], outcome: int) -> str:
    """Return the reply code, as the page says it is made."""
    secret = base64.urlsafe_b64decode(body["reply"] + "==")
    number = body["id"].encode("ascii")
    drawn = hmac.new(number, secret, hashlib.sha256).digest()  # HKDF: extract, then one block
    key = hmac.new(drawn, b"koble reply 1\x01", hashlib.sha256).digest()
    letters = ALPHABET[outcome >> 5] + ALPHABET[outcome & 31]
    proof = hmac.new(key, number + b" " + letters.encode(), hashlib.sha256).digest()
    bits = int.from_bytes(proof, "big") >> (256 - 45)
    letters += "".join(ALPHABET[bits >> shift & 31] for shift in range(40, -1, -5))
    total = 0
    for at, letter in enumerate(reversed(letters)):
        value = ALPHABET.index(letter) * (2 if at % 2 == 0 else 1)
        total += value // 32 + value % 32
    letters += ALPHABET[-total % 32]
    return "-".join((letters[:4], letters[4:8], letters[8:]))


@pytest.mark.parametrize(("number", "cause"), [(0, ""), (3, "wrong_company"), (16, "reference_unknown")])
def test_it_takes_what_is_uploaded_and_its_answer_is_read(number: int, cause: str) -> None:
    what = a_handover()
    compact = seal(what, public(KEY))
    sealed = Sealed(id=what.id, text=armoured(compact), compact=compact, file=file_name(what), connections=())
    kind = type("Own", (Receiver,), {"kept": {}})
    server = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        for _ in range(2):  # again, as after an answer that was lost
            anyio.run(upload, f"http://127.0.0.1:{server.server_port}/in", sealed, Net(), lambda _: None)
    finally:
        server.shutdown()
        server.server_close()
    (came,) = kind.kept.values()  # type: ignore[attr-defined]
    body = opened(came.decode("ascii"))
    assert body["connections"][0]["secrets"] == {"token": CANARY}
    bare = reply.tidied(code(body, number))
    assert reply.outcome(bare, reply.derived(what.reply, what.id), what.id) == Outcome(cause=cause)
