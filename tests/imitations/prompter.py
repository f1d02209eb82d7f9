"""A person before a real gnome-keyring's question: answers it with the password, says no, or lets it wait.

It takes the place of GNOME's prompter on the bus, and speaks as that does, the password encrypted on the way.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    MessageType,
    message_bus,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "org.gnome.keyring.SystemPrompter"
_CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
    16,
)
"""The group of RFC 3526 with 1536 bits, generator 2."""


@dataclass
class Person:
    """`answer` is the password, or None to say no; `after` is how long it takes, in seconds.

    `asked` are the times at which a question stood there to be answered.
    """

    answer: str | None = None
    after: float = 1e9
    asked: list[float] = field(default_factory=list)

    @contextmanager
    def before(self, address: str) -> Iterator[Person]:
        """Sit before the questions that come over a bus, for one block."""
        ended = threading.Event()
        with open_dbus_connection(address) as connection:
            connection.send_and_get_reply(message_bus.RequestName(_NAME))
            thread = threading.Thread(target=self._serve, args=(connection, ended), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                ended.set()
                thread.join(5)

    def _serve(self, connection: DBusConnection, ended: threading.Event) -> None:
        due: list[tuple[float, Any, Any]] = []
        while not ended.is_set():
            with suppress(TimeoutError):
                self._hear(connection, connection.receive(timeout=0.02), due)
            for one in [one for one in due if time.monotonic() >= one[0]]:
                due.remove(one)
                self._answer(connection, one[1], one[2])

    def _hear(self, connection: DBusConnection, message: Any, due: list[tuple[float, Any, Any]]) -> None:
        if message.header.message_type is not MessageType.method_call:
            return
        fields = {key.name: value for key, value in message.header.fields.items()}
        connection.send(new_method_return(message))
        back = DBusAddress(message.body[0], bus_name=fields["sender"], interface=_CALLBACK)
        if fields["member"] == "BeginPrompting":
            _tell(connection, back, "", "")
        elif fields["member"] == "PerformPrompt":
            self.asked.append(time.monotonic())
            due.append((time.monotonic() + self.after, back, message.body[3]))
        else:
            connection.send(new_method_call(back, "PromptDone"))

    def _answer(self, connection: DBusConnection, back: Any, exchange: str) -> None:
        if self.answer is None:
            _tell(connection, back, "no", "")
        else:
            _tell(connection, back, "yes", _sealed(self.answer, exchange))


def _tell(connection: DBusConnection, back: Any, reply: str, exchange: str) -> None:
    connection.send(new_method_call(back, "PromptReady", "sa{sv}s", (reply, {}, exchange)))


def _sealed(password: str, exchange: str) -> str:
    """Return a password as GNOME's own prompter would send it, in answer to a public number."""
    rows = dict(row.split("=", 1) for row in exchange.splitlines() if "=" in row)
    theirs = int.from_bytes(base64.b64decode(rows["public"]), "big")
    ours = int.from_bytes(os.urandom(24), "big")
    shared = pow(theirs, ours, _PRIME).to_bytes(192, "big")
    key = HKDF(algorithm=hashes.SHA256(), length=16, salt=None, info=b"").derive(shared)
    nonce, padding = os.urandom(16), 16 - len(password.encode()) % 16
    machine = Cipher(algorithms.AES(key), modes.CBC(nonce)).encryptor()
    secret = machine.update(password.encode() + bytes((padding,) * padding)) + machine.finalize()
    parts = {"public": pow(2, ours, _PRIME).to_bytes(192, "big"), "secret": secret, "iv": nonce}
    lines = (f"{name}={base64.b64encode(value).decode()}" for name, value in parts.items())
    return "\n".join(("[sx-aes-1]", *lines, ""))
