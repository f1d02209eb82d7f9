"""One window a person, session and mode: a second start raises the first, hands on its start file, ends."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QSysInfo, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtNetwork import QLocalServer, QLocalSocket
    from PySide6.QtWidgets import QWidget

    from wizard.core.texts import Texts

FIRST, RAISED, SILENT = "first", "raised", "silent"
"""What claiming came to: we are the first, or the first was raised, or it is there and does not answer."""

STARTING = 5.0
"""How long a first window may take until it can be spoken to, in seconds: it may be starting itself."""

ANSWERS = 2.0
"""How long one that can be spoken to may take to answer, in seconds."""

_RAISE, _OPEN, _ANSWER = b"raise", b"open ", b"here\n"
_MOST = 8192  # bytes of what is asked: the path of a file, in hexadecimal digits
_EVENT = 50  # milliseconds that an event from the X server may take
_LONGEST = 90  # bytes of a socket's path: systems take 104 or 108, and Qt makes it beside its place first


class Instance(QObject):
    """Holds the place of the only window; `folder` is where the lock lies.

    The lock ends with the process, however that ends. What it guards is one window and not the data: the
    list of connections has a lock of its own, so a second window does no harm. `file_wished` names the start
    file that another start was to open: it is opened here, where the customer sees what is under way.
    """

    file_wished = Signal(object)  # a text of Qt's own cannot hold the name of every file

    def __init__(self, *, practice: bool, folder: Path | None = None, session: str | None = None) -> None:
        super().__init__()
        at = session_of(os.environ, sys.platform) if session is None else session
        mode = "practice" if practice else "window"
        self._folder = folder or data_folder()
        self._name = "-".join(filter(None, (mode, re.sub(r"[^\w]+", "_", at))))
        self._lock = QLockFile(str(self._folder / f"{self._name}.lock"))
        self._lock.setStaleLockTime(0)  # never by age: only where its process is gone
        self._server: QLocalServer | None = None
        self._window: QWidget | None = None

    def claim(self, file: str = "", *, starting: float = STARTING, answers: float = ANSWERS) -> str:
        """Return `FIRST`, `RAISED` or `SILENT`; both times are in seconds. `file` is the start file to open.

        Where no lock can be made or the one that holds it is on another machine, we are as good as first.
        """
        until = time.monotonic() + starting
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while not self._lock.tryLock(0):
            if self._lock.error() != QLockFile.LockError.LockFailedError or self._is_elsewhere():
                return FIRST
            if answered := self._call(_asking(file), answers):
                return answered
            if time.monotonic() > until:
                return SILENT
            time.sleep(0.05)
        with suppress(OSError):  # Qt lets all read it, and it names the machine
            Path(self._lock.fileName()).chmod(0o600)
        return FIRST

    def listen(self, window: QWidget) -> None:
        """Raise the window from now on, whenever another start asks; only the first window listens.

        Only this user may ask. Qt's network part is loaded here, so this waits until the window is there.
        """
        if not self._lock.isLocked():
            return
        from PySide6.QtNetwork import QLocalServer

        self._window = window
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        QLocalServer.removeServer(self.place)  # of one that was killed: the lock is ours
        self._server.listen(self.place)

    def close(self) -> None:
        """Give the place up: whoever starts now is the first."""
        if self._server:
            self._server.close()
        self._lock.unlock()

    @property
    def place(self) -> str:
        """Where the first window listens: beside its lock, or by a short name where that is too long."""
        beside = self._folder / f"{self._name}.socket"
        if sys.platform != "win32" and len(os.fsencode(beside)) <= _LONGEST:
            return str(beside)
        from hashlib import sha256

        name = f"koble-{sha256(os.fsencode(beside)).hexdigest()[:24]}"
        return name if sys.platform == "win32" else str(Path(tempfile.gettempdir()) / name)

    def _is_elsewhere(self) -> bool:
        """Tell whether another machine that shares this home holds the lock: there is nobody to raise."""
        _, host, _ = self._lock.getLockInfo()
        return bool(host) and host != QSysInfo.machineHostName()

    def _call(self, asked: bytes, answers: float) -> str:
        """Ask the first window for something; return an empty text where nobody listens yet."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self.place)
        if not socket.waitForConnected(round(answers * 1000)):
            return ""
        _let_it_come_forward()
        socket.write(asked)
        until = time.monotonic() + answers
        while not socket.canReadLine():
            left = round((until - time.monotonic()) * 1000)
            if left <= 0:
                return SILENT
            if not socket.waitForReadyRead(left) and not _is_connected(socket):
                return ""  # it ended meanwhile
        return RAISED if socket.readLine().data() == _ANSWER else ""

    @Slot()
    def _welcome(self) -> None:
        socket = self._server.nextPendingConnection() if self._server else None
        if socket:
            socket.setReadBufferSize(_MOST)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(self._heard)
            self._hear(socket)

    @Slot()
    def _heard(self) -> None:
        self._hear(cast("QLocalSocket", self.sender()))

    def _hear(self, socket: QLocalSocket) -> None:
        """Do one of the two things that may be asked; hang up on anything else."""
        if not socket.canReadLine() and socket.bytesAvailable() < _MOST:
            return
        line = bytes(socket.readLine(_MOST).data())
        asked, file = line.removesuffix(b"\n"), _file_in(line)
        if self._window and (asked == _RAISE or file):
            socket.write(_ANSWER)
            bring_forward(self._window)
            if file:
                self.file_wished.emit(file)
        socket.disconnectFromServer()


def _asking(file: str) -> bytes:
    """Return what is asked of the first window, as one line."""
    named = _OPEN + os.fsencode(Path(file).absolute()).hex().encode() + b"\n"
    return named if file and len(named) < _MOST else _RAISE + b"\n"


def _file_in(line: bytes) -> str:
    """Return the file that is to be opened, or an empty text."""
    if not line.startswith(_OPEN):
        return ""
    try:
        return os.fsdecode(bytes.fromhex(line.removeprefix(_OPEN).decode("ascii").strip()))
    except ValueError:
        return ""


def bring_forward(window: QWidget) -> None:
    """Show a window above the others, whatever it was; where the system does not let us, have it blink."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    if QGuiApplication.platformName() != "xcb":
        _activate(window)
        return
    # X gives the focus to whoever names the newest moment, and Qt knows that of the latest event only: to
    # change a property brings one.
    for opacity in (0.99, 1.0):
        window.setWindowOpacity(opacity)
    QTimer.singleShot(_EVENT, window, lambda: _activate(window))


def _activate(window: QWidget) -> None:
    for one in (window, QApplication.activeModalWidget()):
        if one:
            one.raise_()
            one.activateWindow()
    QApplication.alert(window)


def wants_another(texts: Texts) -> bool:
    """Ask whether to open a window all the same, where the first does not answer."""
    from wizard.gui.question import question

    said: list[bool] = []
    box = question(None, texts, "instance.title", texts.say("instance.text"), ("open_anyway", "close"))
    box.accepted.connect(lambda: said.append(True))
    box.exec()
    return bool(said)


def session_of(environ: Mapping[str, str], platform: str) -> str:
    """Return the session that a window is seen in: who sits at another screen is not sent to this one."""
    if platform == "win32":
        return _windows_session()
    if platform == "darwin":
        return ""
    return environ.get("WAYLAND_DISPLAY") or re.sub(r"\.\d+$", "", environ.get("DISPLAY", ""))


def data_folder() -> Path:
    """Return what `paths.data()` does, told by Qt: the other way costs 15 ms before the first paint."""
    kind = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(kind)) / "Koble"


def _is_connected(socket: QLocalSocket) -> bool:
    return socket.state() == type(socket).LocalSocketState.ConnectedState


if sys.platform == "win32":
    import ctypes

    def _windows_session() -> str:
        found = ctypes.c_ulong()
        ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(found))
        return str(found.value)

    def _let_it_come_forward() -> None:
        """Pass on the right to come to the front, which Windows gave to us: we were started by hand."""
        ctypes.windll.user32.AllowSetForegroundWindow(-1)

else:

    def _windows_session() -> str:
        return ""

    def _let_it_come_forward() -> None: ...
