"""Files written whole: what the system says no to, what it takes back, and who may read them."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wizard.core import files

if TYPE_CHECKING:
    from collections.abc import Iterator


class Held(OSError):
    """What Windows says while somebody else has the file."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.EACCES, "held")
        self.winerror = number


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Busy:
    """Something that fails so many times before it is done."""

    def __init__(self, times: int, error: OSError) -> None:
        self.left, self.error, self.tries = times, error, 0

    def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self.left:
            raise self.error
        return "done"


@pytest.fixture
def _any_mask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("number", sorted(files.HELD))
@pytest.mark.parametrize("times", [0, 1, 3, len(files.PAUSES)])
def test_who_has_the_file_for_a_moment_is_waited_for(number: int, times: int) -> None:
    clock, busy = Clock(), Busy(times, Held(number))
    assert files.patiently(busy, clock.sleep) == "done"
    assert clock.slept == list(files.PAUSES[:times])


def test_but_not_for_longer_than_two_and_a_half_seconds() -> None:
    clock, busy = Clock(), Busy(99, Held(32))
    with pytest.raises(Held):
        files.patiently(busy, clock.sleep)
    assert busy.tries == len(files.PAUSES) + 1
    assert 2 < sum(clock.slept) <= 2.5
    assert clock.slept == sorted(clock.slept)


@pytest.mark.parametrize(
    "error",
    [Held(2), Held(112), PermissionError(errno.EACCES, ""), OSError(errno.ENOSPC, ""), OSError(32, "")],
)
def test_any_other_error_is_told_at_once(error: OSError) -> None:
    clock, busy = Clock(), Busy(1, error)
    with pytest.raises(type(error)) as caught:
        files.patiently(busy, clock.sleep)
    assert caught.value is error
    assert clock.slept == []


def test_what_is_written_replaces_what_was_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "list"
    for data in (b"one", b"x" * 100_000, b""):
        (tmp_path / "list.new").write_bytes(b"left by a crash")
        files.write_whole(target, data)
        assert files.read(target) == data
    assert [one.name for one in tmp_path.iterdir() if one.name != "home"] == ["list"]


def test_a_swap_that_fails_leaves_the_old_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "list"
    target.mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - each platform has its own kind
        files.write_whole(target, b"new")
    assert [one.name for one in tmp_path.iterdir() if one.name != "home"] == ["list"]


def test_the_first_thing_that_failed_is_told(tmp_path: Path) -> None:
    (tmp_path / "list.new").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - each platform has its own kind
        files.write_whole(tmp_path / "list", b"new")


class Raced(type(Path())):  # type: ignore[misc]
    """A folder that somebody else makes just after it was looked for."""

    def is_dir(self) -> bool:
        there: bool = super().is_dir()
        Path(self).mkdir(exist_ok=True)
        return there


def test_a_folder_that_somebody_else_makes_meanwhile_will_do(tmp_path: Path) -> None:
    files.make_private(Raced(tmp_path / "share"))
    assert (tmp_path / "share").is_dir()


@pytest.mark.usefixtures("_any_mask")
def test_nobody_else_reads_them_whatever_the_mask(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "Koble"
    files.make_private(folder)
    files.make_private(folder)
    files.write_whole(folder / "list", b"x")
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (folder.parent, folder, folder / "list")]
    assert modes == [0o700, 0o700, 0o600]


class Commands:
    """macOS's fcntl, which flushes the drive too, where the file system can."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, able: bool) -> None:
        self.asked: list[int] = []
        self.able = able
        self.fsynced: list[int] = []
        monkeypatch.setattr(fcntl, "fcntl", self.fcntl)
        monkeypatch.setattr(os, "fsync", self.fsynced.append)

    def fcntl(self, descriptor: int, command: int) -> int:
        self.asked.append(command)
        if not self.able:
            raise OSError(errno.ENOTSUP, "not here")
        return 0


@pytest.mark.parametrize("able", [True, False])
def test_macos_is_asked_to_flush_the_drive_as_well(able: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands(monkeypatch, able=able)
    files.flush(7, "darwin")
    assert commands.asked == [51]
    assert commands.fsynced == ([] if able else [7])
    files.flush(8, "linux")
    assert commands.asked == [51]
    assert commands.fsynced[-1] == 8


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False), (errno.ENOTSUP, False)],
)
def test_a_disk_that_fails_is_told_and_a_folder_that_cannot_be_flushed_is_not(
    number: int, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    real = os.close

    def close(descriptor: int) -> None:
        closed.append(descriptor)
        real(descriptor)

    def fail(descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "close", close)
    if told:
        with pytest.raises(OSError, match="no"):
            files.flush_folder(tmp_path)
    else:
        files.flush_folder(tmp_path)
    assert len(closed) == 1
    files.flush_folder(tmp_path / "absent")  # as on Windows, which opens no folders


class Kernel:
    """Windows' own move, and what it was asked."""

    def __init__(self, answer: int) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, int]] = []

    def MoveFileExW(self, fresh: str, target: str, how: int) -> int:
        self.asked.append((fresh, target, how))
        return self.answer


class Ctypes:
    """What Python has of Windows' last error."""

    @staticmethod
    def get_last_error() -> int:
        return 32

    @staticmethod
    def WinError(number: int) -> OSError:
        return Held(number)


def test_windows_swaps_through_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(1)
    files._swap(tmp_path / "new", tmp_path / "list", kernel, "win32")
    assert kernel.asked == [(str(tmp_path / "new"), str(tmp_path / "list"), 0x1 | 0x8)]
    monkeypatch.setattr(files, "_windows_error", lambda _: files_error(Ctypes))
    with pytest.raises(Held) as caught:
        files._swap(tmp_path / "new", tmp_path / "list", Kernel(0), "win32")
    assert caught.value.winerror == 32


files_error = files._windows_error
