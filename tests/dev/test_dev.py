"""dev.py through its front door, on a small checkout of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import dev

ROOT = Path(dev.__file__).parent
LOCK = ROOT / "packaging" / "requirements.lock"

# A build backend of ten lines, so that a checkout is set up without any download.
BACKEND = """
import zipfile

def get_requires_for_build_editable(settings=None):
    return []

def build_editable(folder, settings=None, metadata=None):
    name, info = "tiny-1-py3-none-any.whl", "tiny-1.dist-info/"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("wizard.py", "import sys\\nprint(*sys.argv[1:])\\nsys.exit(len(sys.argv) - 1)\\n")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("Køble with spaces")
    (root / "packaging").mkdir()
    (root / "packaging" / "requirements.lock").write_text("# nothing\n", "utf-8")
    (root / "pyproject.toml").write_text(PROJECT, "utf-8")
    (root / "tiny_backend.py").write_text(BACKEND, "utf-8")
    shutil.copy(ROOT / "dev.py", root)
    return root


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout whose environment is only claimed: an interpreter's name and a stamp."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "requirements.lock").write_text("# nothing\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    dev.python(dev.venv(tmp_path)).parent.mkdir(parents=True)
    dev.python(dev.venv(tmp_path)).touch()
    dev.stamp(tmp_path).write_text(dev.digest(tmp_path), "ascii")
    return tmp_path


def command(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(root / "dev.py"), *arguments]


def start(root: Path, *arguments: str, where: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(root, *arguments), cwd=where, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_two_at_once_set_up_once_and_a_third_does_nothing(checkout: Path, tmp_path: Path) -> None:
    both = [
        subprocess.Popen(
            command(checkout, "run", "one"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [1, 1], told
    assert [out for out, _ in told] == ["one\n", "one\n"]
    assert sum("Setting up" in err for _, err in told) == 1

    third = start(checkout, "run", "a", "b", where=tmp_path)
    assert (third.returncode, third.stdout, third.stderr) == (2, "a b\n", "")

    demo = start(checkout, "demo", "systems")
    assert (demo.stdout, demo.stderr) == ("--practice systems\n", "")


def test_a_failed_step_shows_the_end_of_what_pip_said_and_what_to_do(bare: Path) -> None:
    with pytest.raises(dev.Stop, match=r"(?s)absent\.txt.*Setting up failed"):
        dev.pip(Path(sys.executable), bare, "-r", "absent.txt")


def test_a_failed_set_up_ends_with_one_and_without_a_traceback(checkout: Path) -> None:
    lock = checkout / "packaging" / "requirements.lock"
    lock.write_text("-r absent.txt\n", "utf-8")
    ended = start(checkout, "run")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Setting up failed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not dev.ready(checkout, dev.digest(checkout))


def no_interpreter(root: Path) -> None:
    dev.python(dev.venv(root)).unlink()


def no_stamp(root: Path) -> None:
    dev.stamp(root).unlink()


def torn_stamp(root: Path) -> None:
    dev.stamp(root).write_bytes(b"\xff\x00")


def other_lock(root: Path) -> None:
    (root / "packaging" / "requirements.lock").write_text("# other\n", "utf-8")


def other_project(root: Path) -> None:
    (root / "pyproject.toml").write_text(PROJECT + "# other\n", "utf-8")


@pytest.mark.parametrize("damage", [no_interpreter, no_stamp, torn_stamp, other_lock, other_project])
def test_a_broken_or_old_environment_is_made_anew(bare: Path, damage: Callable[[Path], None]) -> None:
    assert dev.ready(bare, dev.digest(bare))
    damage(bare)
    made: list[str] = []
    dev.ensure(bare, lambda _root, wanted: made.append(wanted))
    assert made == [dev.digest(bare)]


def test_a_whole_environment_is_left_alone(bare: Path) -> None:
    made: list[str] = []
    assert dev.ensure(bare, lambda _root, wanted: made.append(wanted)) == dev.python(dev.venv(bare))
    assert made == []


def test_a_moved_checkout_is_made_anew(bare: Path) -> None:
    moved = bare.rename(bare.with_name("moved"))
    assert not dev.ready(moved, dev.digest(moved))


def test_the_set_up_lock_is_held_once_and_freed(tmp_path: Path) -> None:
    with dev.alone(tmp_path), (tmp_path / ".venv.lock").open("a+b") as second:
        assert not dev.try_lock(second.fileno())
    with (tmp_path / ".venv.lock").open("a+b") as third:
        assert dev.try_lock(third.fileno())


def test_an_old_python_is_told_in_one_line(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["demo"], bare, (3, 8, 18)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "Koble needs Python 3.11 or later; this is Python 3.8. Start a newer one.\n"


def test_an_old_python_can_read_the_file() -> None:
    import ast

    ast.parse((ROOT / "dev.py").read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["nonsense"], 2), (["--help"], 0)])
def test_what_it_does_not_know_is_answered_with_its_commands(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(arguments) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert "shots DIR" in told.err


# System libraries


def loader(*absent: str) -> Callable[[str], object]:
    def load(name: str) -> None:
        if name in absent:
            raise OSError(name)

    return load


def test_only_the_missing_packages_are_named() -> None:
    load = loader("libEGL.so.1", "libxcb-cursor.so.0", "libxkbcommon.so.0", "libxkbcommon-x11.so.0")
    packages = dev.missing({**dev.QT_ANYWHERE, **dev.QT_WITH_X}, load)
    assert packages == ["libegl1", "libxcb-cursor0", "libxkbcommon-x11-0"]
    assert dev.missing(dev.QT_ANYWHERE, loader()) == []


def test_missing_libraries_stop_in_one_line_and_found_ones_are_not_looked_for_again(bare: Path) -> None:
    with pytest.raises(dev.Stop, match=r"^[^\n]*apt install libegl1$"):
        dev.need_libraries(bare, dev.QT_ANYWHERE, loader("libEGL.so.1"), "linux")
    dev.need_libraries(bare, dev.QT_ANYWHERE, loader(), "linux")
    dev.need_libraries(bare, dev.QT_ANYWHERE, loader("libEGL.so.1"), "linux")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_no_libraries_are_looked_for(bare: Path, platform: str) -> None:
    dev.need_libraries(bare, dev.QT_ANYWHERE, loader(*dev.QT_ANYWHERE), platform)


X = {"DISPLAY": ":0"}
ALL = {**dev.QT_ANYWHERE, **dev.QT_WITH_X}


@pytest.mark.parametrize(
    ("command", "arguments", "environ", "expected"),
    [
        ("check", [], X, {}),
        ("run", ["systems", "--json"], X, {}),
        ("run", ["--language", "nb", "connect", "fiken"], X, {}),
        ("run", ["--help"], X, {}),
        ("run", [], X, ALL),
        ("run", ["--language", "nb"], X, ALL),
        ("demo", [], X, ALL),
        ("demo", ["--at", "fiken/4", "--fault", "busy"], X, ALL),
        ("demo", [], {}, {}),
        ("demo", [], {**X, "WAYLAND_DISPLAY": "wayland-0"}, dev.QT_ANYWHERE),
        ("demo", [], {"QT_QPA_PLATFORM": "offscreen"}, dev.QT_ANYWHERE),
        ("test", [], {}, dev.QT_ANYWHERE),
        ("shots", ["there"], X, dev.QT_ANYWHERE),
    ],
)
def test_only_a_window_needs_libraries(
    command: str, arguments: Sequence[str], environ: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    assert dev.needed(command, arguments, environ) == expected


def test_a_python_without_venv_is_answered_with_the_package() -> None:
    with pytest.raises(dev.Stop, match=r"^[^\n]*python3-venv[^\n]*$"):
        dev.need_venv(lambda name: None if name == "ensurepip" else name)
    dev.need_venv(lambda name: name)


# What tests are run with


def test_what_would_change_or_slow_the_tests_is_kept_from_them() -> None:
    unwanted = ("HTTP_PROXY", "https_proxy", "no_proxy", "PYTHON_KEYRING_BACKEND", "PYTHONDONTWRITEBYTECODE")
    assert dev.clean({"HOME": "/home/kari", **dict.fromkeys(unwanted, "x")}) == {
        "HOME": "/home/kari",
        "QT_QPA_PLATFORM": "offscreen",
    }


@pytest.mark.parametrize(
    ("arguments", "gated"), [([], True), (["-q"], True), (["-k", "x"], False), (["tests/dev"], False)]
)
def test_only_a_whole_run_must_cover_everything(arguments: list[str], gated: bool) -> None:
    assert ("--cov-fail-under=100" in dev.pytest_arguments(arguments)) is gated


# The lock file, and what is committed


def test_each_locked_package_has_a_version_and_hashes() -> None:
    entries = LOCK.read_text("utf-8").replace("\\\n", " ").splitlines()
    packages = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert len(packages) > 20
    assert [
        entry for entry in packages if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []


@pytest.mark.parametrize(
    "name", ["hatchling", "editables", "pyside6-essentials", "pywin32-ctypes", "secretstorage", "tzdata"]
)
def test_the_lock_is_for_all_platforms_and_holds_the_build_backend(name: str) -> None:
    assert re.search(rf"^{name}==", LOCK.read_text("utf-8"), re.MULTILINE)


def test_the_lock_holds_no_address() -> None:
    text = LOCK.read_text("utf-8").lower()
    assert "://" not in text
    assert "http " not in text
    assert "index" not in text


def test_a_lock_with_an_address_is_not_written(bare: Path) -> None:
    with pytest.raises(dev.Stop, match="address"):
        dev.write_lock(bare, "koble @ ftp://example.invalid/koble.whl\n")
    assert (bare / "packaging" / "requirements.lock").read_text("utf-8") == "# nothing\n"
    dev.write_lock(bare, "koble==1\n")
    assert (bare / "packaging" / "requirements.lock").read_text("utf-8") == dev.LOCK_HEADER + "koble==1\n"


# Put together here, so that this file does not hold them itself.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted",
    "/opt/" + "pypi",
    "/opt/" + "wheels",
    "/work" + "/",
    "/root" + "/",
]


def kept_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    files = kept_files()
    if not files:
        pytest.skip("no git checkout here (an unpacked source archive)")
    marks = [mark.encode() for mark in REGISTRIES]
    guilty = [path for path in files if path.is_file() and any(mark in path.read_bytes() for mark in marks)]
    assert guilty == []
