"""A real keychain of its own that is locked, for one block; who answers its question is a `Person`."""

from __future__ import annotations

import gc
import os
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import secretstorage

from tests.conftest import need, secret_service

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "practice"
"""What opens it."""


@contextmanager
def locked_service() -> Iterator[str]:
    """Run a keychain that is locked, and its bus; yield the bus's address, which is also set.

    keyring does not close its connection where a keychain stays locked, and Python would complain of that in
    some later test: so what is left is closed here.
    """
    need("dbus-daemon", "gnome-keyring-daemon")
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    with secret_service() as address:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
        lock()
        yield address
        left = [
            one
            for one in gc.get_objects()
            if issubclass(type(one), socket.socket) and _leads_to(one, address)
        ]
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = before
    for one in left:
        one.close()


def _leads_to(one: socket.socket, address: str) -> bool:
    try:
        peer = one.getpeername()
    except OSError:
        return False
    return isinstance(peer, str) and bool(peer) and peer in address


def lock() -> None:
    """Lock the keychain, as a screen lock or a time limit would."""
    with closing(secretstorage.dbus_init()) as connection:
        secretstorage.get_default_collection(connection).lock()
