"""The two windows whose first paint is compared: `python -m benchmarks.windows bare|ours`.

Nothing may be imported here that the bare window does not need. Ours is the program itself: the only thing
that differs is that its event loop is watched from just before it begins.
"""

import json
import os
import sys
import time
from pathlib import Path

_NETWORK = ("httpx", "httpcore", "keyring", "anyio", "filelock", "email", "http.server")
_BENEATH = ("ssl", "asyncio", "truststore")
TOO_EARLY = _NETWORK + _BENEATH
"""What the first paint must not wait for."""


def main() -> None:
    """Show one of the windows and say when it was painted."""
    if sys.argv[1] == "bare":
        bare()
    else:
        ours()


def bare() -> None:
    """Show a line of text in a window."""
    from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

    application = QApplication(sys.argv[:1])  # held until the end
    window = QWidget()
    QVBoxLayout(window).addWidget(QLabel("Koble"))
    window.show()
    watched()
    del application


def ours() -> None:
    """Start `koble --practice`, watched."""
    from PySide6.QtWidgets import QApplication

    from wizard.__main__ import main as koble

    QApplication.exec = watched  # type: ignore[method-assign]
    sys.argv = ["koble", "--practice"]
    koble()


def watched(*_: object) -> int:
    """Run the event loop until the first window has been painted; say so, and end at once."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtWidgets import QApplication

    class Watch(QObject):
        def eventFilter(self, handle: QObject, event: QEvent) -> bool:  # noqa: N802
            """Let the window paint itself, then tell."""
            if event.type() is not QEvent.Type.Expose:
                return False
            handle.removeEventFilter(self)
            QCoreApplication.sendEvent(handle, event)
            tell()
            return True

    watch = Watch()
    window = next(one for one in QApplication.topLevelWidgets() if one.isVisible())
    window.windowHandle().installEventFilter(watch)
    return QCoreApplication.exec()


def tell() -> None:
    """Print when it is, how much memory is taken, and what was imported too early; then end, at once."""
    now = time.monotonic()
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    memory = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    early = [name for name in TOO_EARLY if name in sys.modules]
    print(json.dumps({"at": now, "memory": memory, "early": early, "modules": len(sys.modules)}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
